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
  void (*added)         (Report           *self,
                         PinkTracee       *tracee);
  void (*entered)       (Report           *self,
                         PinkSyscallEvent *call);
  void (*returned)      (Report           *self,
                         PinkSyscallEvent *call);
  void (*signalled)     (Report           *self,
                         PinkSignalEvent  *event);
  void (*group_stopped) (Report           *self,
                         PinkTracee       *tracee,
                         int               number);
  /* Had another id before, FORMER_PID, if another thread than the first made the call. */
  void (*execed)        (Report           *self,
                         PinkTracee       *tracee,
                         int               former_pid);
  void (*detached)      (Report           *self,
                         PinkTracee       *tracee);
  void (*ended)         (Report           *self,
                         PinkTracee       *tracee);
  /* The last of it is written, and SELF freed. */
  void (*finish)        (Report           *self);
};

/* OUTPUT is NULL with -ff. */
Report *lines_new   (const Options *options,
                     Output        *output);
Report *summary_new (const Options *options,
                     Output        *output);
Report *json_new    (const Options *options,
                     Output        *output);

/* "32 bit", as strace names it. */
const char *report_abi_mode (PinkAbi abi);

/* Whether -z, -Z or -e status= lets a call be shown that has returned. */
gboolean    report_has_status (const Options    *options,
                               PinkSyscallEvent *call);
