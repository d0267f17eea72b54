/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the suites of this directory have in common: treeprog, traced or not,
 * and a watch that asserts of every trace what must always be so.
 */
#pragma once

#include "pink-test-util.h"
#include "tree-shared.h"

const char *tree_program   (void);
const char *tree_program32 (void); /* NULL where there is none */
/* The longer of the two in "./dev test --long". */
guint       tree_count     (guint usual, guint in_long);

/* Goes on in a process group that is not orphaned; first in main(). */
void        tree_own_group (void);

/* ---- treeprog ---- */

TreeShared *tree_shared_new  (void);
void        tree_shared_free (TreeShared *shared);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TreeShared, tree_shared_free)
int         tree_shared_fd   (TreeShared *shared); /* not the caller's to close */

/* Spawned by the tracer, or started by this process. Input is descriptor 0, -1 for none. */
PinkTracee *tree_spawn  (PinkTracer *tracer, TreeShared *shared, const char *deed, ...) G_GNUC_NULL_TERMINATED;
PinkTracee *tree_spawnv (PinkTracer *tracer, TreeShared *shared, int input, const char * const *argv);
int         tree_start  (TreeShared *shared, int input, const char *deed, ...) G_GNUC_NULL_TERMINATED;
int         tree_startv (TreeShared *shared, int input, const char * const *argv);
/* Its wait status; the context runs meanwhile. */
int         tree_await  (int pid);
void        tree_kill   (int pid); /* and reaps it */

/* Until *word is at least that. */
void        tree_wait_word (atomic_int *word, int at_least, const char *what);
void        tree_wait_counters (TreeShared *shared, guint n, gulong further);
void        tree_attach (PinkTracer *tracer, int pid);
/* The process and all its threads. */
void        tree_detach (PinkTracee *tracee, gboolean leave_stopped);
PinkTracee *tree_find   (PinkTracer *tracer, int pid); /* NULL if it is not there */

/* ---- /proc ---- */

char        tree_state      (int pid);              /* '?' if there is none */
void        tree_wait_state (int pid, const char *states);
guint       tree_count_threads (int pid, const char *states); /* in one of these states; all for NULL */
guint       tree_count_traced  (int pid);           /* threads that have a tracer */

/* ---- the watch ---- */

typedef struct
{
  PinkTracer *tracer;
  GHashTable *alive;      /* a set: seen by tracee-added, not by an end */
  GPtrArray  *all;        /* in the order of tracee-added */
  guint       n_added, n_exited, n_detached, n_lost, n_execs, n_stopped, n_calls, n_signals;
  guint       n_births[5];
  guint       n_superseded;
  guint       n_finished;
  guint       max_alive;
  guint       model;      /* items by items-changed alone */
  gboolean    calls;
} TreeWatch;

/* calls: with a handler on every entry and every exit. */
TreeWatch  *tree_watch_new  (PinkTracer *tracer, gboolean calls);
void        tree_watch_free (TreeWatch *watch); /* the trace is over: nobody is left */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TreeWatch, tree_watch_free)

/* A trace from end to end with a watch; asserts that it exits with 0. */
TreeWatch  *tree_trace (gboolean calls, TreeShared *shared, const char *deed, ...) G_GNUC_NULL_TERMINATED;
void        tree_run   (PinkTracer *tracer, TreeShared *shared);
