/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is made of a trace: lines, JSON or a table.
 */
#pragma once

#include "options.h"
#include "output.h"

typedef struct _Report Report;

struct _Report
{
  /* NULL where a report does not want to know: then nobody has to stop for it. */
  void (*entered)  (Report           *self,
                    PinkSyscallEvent *call);
  void (*returned) (Report           *self,
                    PinkSyscallEvent *call);
  void (*ended)    (Report           *self,
                    PinkTracee       *tracee);
  /* The last of it is written, and SELF freed. */
  void (*finish)   (Report           *self);
};

Report *lines_new   (const Options *options,
                     Output        *output);
Report *summary_new (const Options *options,
                     Output        *output);
Report *json_new    (const Options *options,
                     Output        *output);

/* "32 bit", as strace names it. */
const char *report_abi_mode (PinkAbi abi);
