/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From a launcher's wishes to a tracee, or to an error in words.
 */
#pragma once

#include "pinktrace-glib.h"

#include "engine/pink-engine.h"

typedef struct
{
  uid_t   uid;
  gid_t   gid;
  GArray *groups; /* of gid_t */
} PinkUser;

typedef struct
{
  const char * const *argv;
  const char * const *envp;
  const char         *directory; /* NULL: ours */
  PinkFdMap          *fds;
  size_t              n_fds;
  const PinkUser     *user; /* NULL: ours */
} PinkSpawnPlan;

PinkTracee *_pink_spawn (PinkTracer           *tracer,
                         const PinkSpawnPlan  *plan,
                         GError              **error);

/* pink-spawn-hint.c: why it cannot be run, in brackets; "" where that errno says all. */
char       *_pink_spawn_hint (const PinkLaunch *launch,
                              int               errsv);
