/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the suites have in common.
 *
 * Every wait here has a bound, TEST_BOUND_S seconds, and ends the test when it
 * is passed. PINK_TEST_SLOWDOWN multiplies all bounds and divides how often
 * things are repeated: valgrind needs it.
 */
#pragma once

#include <pinktrace-glib/pinktrace-glib.h>

#define TEST_BOUND_S 30
#define TEST_GONE_S  5  /* nothing of ours may be left after so long */
#define TEST_NOBODY  65534

/* ---- running ---- */

typedef int (*TestHelperFunc) (int argc, char **argv);

typedef struct
{
  const char     *name;
  TestHelperFunc  func;
} TestHelperDef;

/* First in main(). Where this process was started as a helper, it does not
 * return. helpers ends with a NULL name, or is NULL. */
void  test_init (int *argc, char ***argv, const TestHelperDef *helpers);
/* g_test_add_func(), and a bound to the whole case. */
void  test_add  (const char *path, void (*func) (void));
void  test_add_data (const char *path, gconstpointer data, void (*func) (gconstpointer data));
/* The same, skipped under valgrind for this reason. */
void  test_add_native      (const char *reason, const char *path, void (*func) (void));
void  test_add_data_native (const char *reason, const char *path, gconstpointer data,
                            void (*func) (gconstpointer data));
#define TEST_KILLS_TASK "valgrind takes a tracer task for a thread, and does not get over its death"
#define TEST_EXEC_FAILS "valgrind does not come back from an execve() that fails late"
#define TEST_STOPS_CHILD "valgrind's own handlers are in the child until it runs its program"
#define TEST_LOOKS "under valgrind the tracer task looks for news every 5 ms"

double test_seconds (double seconds); /* a bound, made longer where all is slow */
gint64 test_deadline (double seconds); /* the same, from now, in monotonic microseconds */
guint  test_count   (guint n);        /* how often, made less where all is slow */
gboolean test_is_slow (void);         /* under valgrind, say */
gboolean test_on_valgrind (void);     /* this very process; not its helpers */

/* ---- programs ---- */

const char *test_own_program (void);   /* this very one */
const char *test_program   (void);     /* testprog */
const char *test_program32 (void);     /* the same as 32-bit code, or NULL */
gboolean    test_runs_int80 (void);    /* 32-bit calls of 64-bit programs */
#define TEST_NO_32_BITS "this machine runs no 32-bit programs"
#define TEST_NO_INT80   "this machine does not take 32-bit calls of 64-bit programs"
/* In a directory that everybody can reach; removed with test_directory_remove(). */
char       *test_program_copy (const char *directory, guint mode);
char       *test_directory        (void);
void        test_directory_remove (char *directory);

/* ---- tracing ---- */

/* Starts testprog with these steps; a failure ends the test. */
PinkTracee *test_spawn  (PinkTracer *tracer, const char *step, ...) G_GNUC_NULL_TERMINATED;
PinkTracee *test_spawnv (PinkTracer *tracer, const char * const *argv);
/* pink_tracer_run(), bounded. */
void        test_run      (PinkTracer *tracer);
gboolean    test_run_full (PinkTracer *tracer, GError **error);
/* A trace of testprog from end to end, without handlers unless they are connected. */
int         test_trace    (PinkTracer *tracer, const char *step, ...) G_GNUC_NULL_TERMINATED;

/* Where a program's output goes, to be read when it has ended. */
int   test_output_new  (void);
char *test_output_take (int fd); /* closes it */
/* Traces argv, or testprog's steps, with its output kept; asserts that it exits with 0. */
char *test_trace_output  (PinkTracer *tracer, PinkLauncher *launcher, const char *step, ...) G_GNUC_NULL_TERMINATED;
char *test_trace_outputv (PinkTracer *tracer, PinkLauncher *launcher, const char * const *argv,
                          int *wait_status);

typedef gboolean (*TestCondition) (gpointer data);
/* Runs the context (NULL: the thread's default) until it is so. */
void test_wait_until (GMainContext *context, TestCondition condition, gpointer data, const char *what);
/* The same, TRUE or FALSE, in so many seconds. */
gboolean test_wait_for (GMainContext *context, TestCondition condition, gpointer data, double seconds);

/* A handler that counts: data is a guint. */
void test_on_call     (PinkTracer *tracer, PinkSyscallEvent *event, gpointer count);
void test_on_finished (PinkTracer *tracer, gpointer count);

/* ---- /proc ---- */

typedef struct
{
  int   pid;
  int   ppid;
  char  state;
  char  comm[32];
} TestProcess;

gboolean test_process_get     (int pid, TestProcess *process); /* FALSE if there is none */
GArray  *test_children_of     (int pid);  /* TestProcess, zombies too */
GArray  *test_descendants_of  (int pid);
int      test_tracer_task_of  (int pid);  /* 0 if it is not traced */
/* Kills the task that traces this process, if it does at all; its id. */
int      test_kill_task       (int pid);
gboolean test_process_await_end (int pid, double seconds); /* TRUE: it is a zombie or gone */
char    *test_status_line     (int pid, const char *key); /* "Uid" → "0 0 0 0" */
guint    test_count_fds       (void);
guint    test_count_threads   (void);     /* without GLib's own */

/* What must be the same again when a trace is over. */
typedef struct
{
  guint fds, threads, children;
} TestState;

TestState test_state_get   (void);
void      test_state_await (const TestState *before);

/* Processes that are watched, whoever's children they are. */
typedef struct _TestPids TestPids;

TestPids *test_pids_new        (void);
void      test_pids_add        (TestPids *pids, int pid);
/* And the task that traces it. */
void      test_pids_add_traced (TestPids *pids, PinkTracee *tracee);
void      test_pids_add_all_of (TestPids *pids, int ancestor);
guint     test_pids_count      (TestPids *pids);
/* In TEST_GONE_S seconds all have ended. */
void      test_pids_await_ended (TestPids *pids);
/* And none is a zombie but of process 1. */
void      test_pids_await_gone (TestPids *pids);
void      test_pids_free       (TestPids *pids);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestPids, test_pids_free)

/* ---- helpers: this program again, as an application of its own ---- */

typedef struct _TestHelper TestHelper;

TestHelper *test_helper_start     (const char *name, ...) G_GNUC_NULL_TERMINATED;
int         test_helper_pid       (TestHelper *helper);
void        test_helper_send      (TestHelper *helper, const char *line);
char       *test_helper_read_line (TestHelper *helper); /* NULL at its end */
void        test_helper_expect    (TestHelper *helper, const char *line);
int         test_helper_wait      (TestHelper *helper); /* wait status; frees it */
void        test_helper_succeed   (TestHelper *helper); /* waits, and asserts that it exits with 0 */
void        test_helper_run       (const char *name, ...) G_GNUC_NULL_TERMINATED;

/* In the helper. */
void  test_helper_say  (const char *format, ...) G_GNUC_PRINTF (1, 2);
char *test_helper_hear (void); /* a line; NULL at the end */
/* Becomes an ordinary user, if it is root. */
void  test_become_nobody (void);
/* From now on the kernel answers this call with this error, as a container's filter does. */
void  test_refuse_call   (int number, int error);
