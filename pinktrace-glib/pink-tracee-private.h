/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pinktrace-glib.h"

#include "engine/pink-engine.h"
#include "pink-memory-private.h"

/* The slot is the engine's and goes when the tracee has ended; the event of the
 * call under way is kept for its exit. */
struct _PinkTracee
{
  GObject           parent_instance;

  int               pid;
  int               tgid;
  PinkTraceeBirth   birth;
  PinkTracee       *parent;    /* who made it; may have ended */
  GListStore       *children;  /* alive; NULL before the first */
  PinkTracer       *tracer;    /* not a reference; NULL once it has ended */
  PinkSlot         *slot;      /* NULL once it has ended */
  int               superseded_by;
  gboolean          announced; /* tracee-added has been emitted */
  gboolean          lives_on;  /* it was attached to, or exit-kill was off */

  /* From a stop's message to its answer. */
  gboolean          stopped;
  gboolean          in_handler; /* the answer is given when the handlers return */
  gboolean          held;       /* it is given by resume() */
  gboolean          event_weak; /* the event is held: no reference of ours */
  gboolean          detaching;
  PinkResumeMode    mode;
  int               signal;
  gboolean          changed_info;
  GQueue            interrupts; /* GTask */
  GQueue            waits;      /* GTask: wait_async() under way */

  GBytes           *filtered;   /* the rows of its filter; NULL: it has none */
  GQueue            injections; /* GTask: the first is under way where `injecting` */
  gboolean          injecting;
  gboolean          go_pending; /* it goes on when these are done */

  PinkTraceeState   state;
  int               wait_status;
  GMainContext     *context;
  char             *command;   /* the last known */
  PinkSyscallEvent *event;
  PinkSnapshot     *launch;    /* what the launcher's execve pointed to */
  guint64           launch_arguments[3]; /* and where that lay: valgrind shows other addresses */
  guint             string_limit;
};

PinkTracee *_pink_tracee_new   (PinkTracer      *tracer,
                                PinkSlot        *slot,
                                PinkTracee      *parent,
                                PinkSnapshot    *launch,
                                const char      *command,
                                guint            string_limit);
/* An exec of a thread that is not the leader gives it the leader's id. */
void        _pink_tracee_set_pid (PinkTracee    *self,
                                  int            pid);
/* A stop has come; its handlers have returned; it goes on. */
void        _pink_tracee_stopped (PinkTracee    *self,
                                  PinkResumeMode mode);
void        _pink_tracee_handled (PinkTracee    *self,
                                  gboolean       interrupted,
                                  int            signal,
                                  gboolean       changed_info);
void        _pink_tracee_go      (PinkTracee    *self);
/* The call it is in from now on; takes the reference. */
void        _pink_tracee_take_event (PinkTracee       *self,
                                     PinkSyscallEvent *event);
/* From now on it goes on when somebody says so, or nobody can any more. */
void        _pink_tracee_hold_event      (PinkTracee       *self);
void        _pink_tracee_release_event   (PinkTracee       *self);
/* Nobody has the held event any more; takes the reference. */
void        _pink_tracee_event_forgotten (PinkTracee       *self,
                                          PinkSyscallEvent *event);
/* In the tracer's main context: at once where that is this thread's. */
void        _pink_tracee_invoke          (PinkTracee       *self,
                                          GSourceFunc       func,
                                          gpointer          data);
void        _pink_tracee_end_interrupts (PinkTracee *self);
/* Its injected call has been made. */
void        _pink_tracee_injected       (PinkTracee *self);
void        _pink_tracee_end_injections (PinkTracee *self);
/* After its end has been emitted. */
void        _pink_tracee_end_waits (PinkTracee *self);
/* %PINK_TRACER_ERROR_FORKED in a fork()ed copy of the process that traces it. */
gboolean    _pink_tracee_check_ours (PinkTracee  *self,
                                     GError     **error);
/* %PINK_TRACER_ERROR_GONE, for whoever wants something of it too late. */
GError     *_pink_tracee_gone_error (PinkTracee *self);
/* %PINK_TRACER_ERROR_WRONG_STATE, for whoever wants what a stopped tracee @can do. */
void        _pink_tracee_set_running (PinkTracee  *self,
                                      const char  *can,
                                      GError     **error);
/* Takes its slot and its event away from it. */
void        _pink_tracee_end   (PinkTracee      *self,
                                PinkTraceeState  state,
                                int              wait_status);
