/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pinktrace-glib.h"

#include "engine/pink-engine.h"
#include "pink-memory-private.h"

typedef struct
{
  PinkEngine   *engine;       /* NULL when it could not be made, and once disposed */
  int           engine_errno; /* why it could not be made */
  GMainContext *context;
  GSource      *source;
  int           priority;
  guint         string_limit;
  PinkTextFlags text_flags;
  gboolean      measure_cpu;
  PinkVerdict   default_verdict;
  char         *default_error; /* an errno's name */
  guint8       *chosen;        /* a byte a row, the last for the rest; NULL: all calls */
  guint8       *rule_rows;     /* likewise: those that some rule was ever for; NULL: none */

  GListStore   *tracees;      /* that have not ended */
  guint         n_tracees;
  gboolean      follow_forks;
  gboolean      exit_kill;
  guint         n_attaching;  /* accepted, and not yet among the tracees */
  guint         n_answering;  /* of pink_tracer_attach_async(): with their answer under way */
  /* See pink-tracer-log.c. */
  GPtrArray    *logs;
  GSource      *drain;        /* NULL: none is due */
  gint64        drained_us;
  guint64       n_dropped;    /* that the logs have been told of */
  gboolean      observe_only;
  gboolean      records_due;  /* where it observes: some wait to be told of */

  GPtrArray    *detaches;     /* see pink-detach.c */
  PinkMsg      *pending;      /* taken out of the inbox, not yet served */
  GError       *lost;         /* the task died: what run() will say */
  guint         quits;        /* how often quit() was called */
  GQueue        runs;         /* GTask: run_async() under way */

  /* Which calls have handlers; see pink-handled.c. */
  gulong        last_handler;
  guint         n_emissions;  /* since the table was last made */
} PinkTracerPrivate;

enum
{
  PINK_SIGNAL_SYSCALL_ENTER,
  PINK_SIGNAL_SYSCALL_EXIT,
  PINK_SIGNAL_TRACEE_ADDED,
  PINK_SIGNAL_EXEC,
  PINK_SIGNAL_SIGNAL_DELIVERY,
  PINK_SIGNAL_GROUP_STOP,
  PINK_SIGNAL_STOPPED,
  PINK_SIGNAL_DETACHED,
  PINK_SIGNAL_EXITING,
  PINK_SIGNAL_EXITED,
  PINK_SIGNAL_TRACEE_LOST,
  PINK_SIGNAL_FINISHED,
  PINK_N_SIGNALS
};

extern guint _pink_tracer_signals[PINK_N_SIGNALS];

PinkTracerPrivate *_pink_tracer_get_private (PinkTracer  *self);
void               _pink_tracer_set_forked  (GError     **error);
/* FALSE in a fork()ed copy and where there is no engine. */
gboolean           _pink_tracer_check       (PinkTracer  *self,
                                             GError     **error);
PinkTracee        *_pink_tracer_add         (PinkTracer   *self,
                                             PinkSlot     *slot,
                                             PinkTracee   *parent,
                                             PinkSnapshot *launch,
                                             const char   *command);

/* Nothing is traced, and nothing is about to be. */
gboolean           _pink_tracer_is_idle     (PinkTracer   *self);
gboolean           _pink_tracer_is_done     (PinkTracer   *self); /* and has answered */

/* pink-tracer-chosen.c */
struct sock_fprog;
gboolean           _pink_tracer_has_chosen  (PinkTracer   *self,
                                             guint         row);
/* To be freed, and its filter; *filtered are its rows. NULL: no filter. */
struct sock_fprog *_pink_tracer_make_filter (PinkTracer   *self,
                                             GBytes      **filtered);
/* After more calls are needed than before. */
void               _pink_tracer_widen       (PinkTracer   *self);

/* pink-tracer-signals.c */
void     _pink_tracer_install_signals (void);

/* pink-tracer-source.c */
GSource *_pink_tracer_source_new (PinkTracer *self);

/* pink-tracer-serve.c */
void     _pink_tracer_serve (PinkTracer *self,
                             PinkMsg    *msg);
void     _pink_tracer_emit_call (PinkTracer       *self,
                                 guint             signal,
                                 PinkSyscallEvent *event,
                                 int               row); /* whose detail it has */

/* pink-tracer-observe.c: tells of one call that was written down, if there is one, before
 * that message; or because it is due. FALSE: there was nothing to do. */
gboolean _pink_tracer_observe_before (PinkTracer    *self,
                                      const PinkMsg *msg);
gboolean _pink_tracer_observe_due    (PinkTracer    *self);

/* pink-attach.c: kernel.yama.ptrace_scope, 0 where there is no Yama. */
int      _pink_yama_scope (void);
/* Who traces this process, and that one's command; 0: nobody. */
int      _pink_own_tracer (char **command);

/* pink-spawn.c: what could not be made, why, and the way out. */
void     _pink_set_task_error (GError     **error,
                               const char  *what,
                               int          errsv);

/* pink-detach.c: a tracee of a process that is being let go has come, or gone. */
void     _pink_detach_late  (PinkTracer *self,
                             PinkTracee *tracee);
void     _pink_detach_ended (PinkTracer *self,
                             PinkTracee *tracee);
/* The tracer is disposed of. */
void     _pink_detach_end_all (PinkTracer *self);

/* pink-tracer-run.c */
void     _pink_tracer_end_runs (PinkTracer *self);

/* pink-handled.c */
GQuark   _pink_handled_quark   (int         row);
GQuark   _pink_handled_stop_quark (PinkStopReason reason);
void     _pink_handled_refresh (PinkTracer *self);
/* Refreshes if something may have been connected since. */
void     _pink_handled_check   (PinkTracer *self);
