/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pinktrace-glib.h"

#include "pink-log-store-private.h"

#define PINK_LOG_MOST_STRING_LIMIT 16384

struct _PinkSyscallLog
{
  GObject        parent_instance;

  guint          max_rows;
  guint64        max_bytes;
  gboolean       drop_newest;
  guint          string_limit;
  guint          update_interval;
  PinkTextFlags  text_flags;
  guint64        n_dropped;

  /* Rows of the store from shown_first to shown_end are the model's; those behind are
   * told of with the next update. */
  PinkLogStore   store;
  guint64        shown_first;
  guint64        shown_end;
  GArray        *completed;    /* guint64: shown rows that have changed since */
  GHashTable    *events;       /* by &event->log_id: those that somebody has */
  gboolean       updating;
  gboolean       again;        /* one more was asked for */
  guint64        n_notified;   /* what n-items was when that was notified last */
  guint64        bytes_notified;
  gboolean       dropped_more; /* since n-dropped was notified */
  gint64         updated_us;
  GSource       *update;       /* NULL: none is due */
};

/* What a tracer feeds it with; nothing is emitted before the update. */
void _pink_syscall_log_add_entry  (PinkSyscallLog        *self,
                                   PinkTracee            *tracee,
                                   const PinkEntryRecord *record);
void _pink_syscall_log_add_exit   (PinkSyscallLog        *self,
                                   PinkTracee            *tracee,
                                   const PinkExitRecord  *record);
void _pink_syscall_log_add_launch (PinkSyscallLog        *self,
                                   PinkTracee            *tracee,
                                   const PinkStop        *stop,
                                   PinkSnapshot          *snapshot);
void _pink_syscall_log_end        (PinkSyscallLog        *self,
                                   PinkTracee            *tracee);
void _pink_syscall_log_add_dropped (PinkSyscallLog       *self,
                                    guint64               n);
/* At once, or, where the last was not long ago, later. */
void _pink_syscall_log_update     (PinkSyscallLog        *self,
                                   GMainContext          *context);
void _pink_syscall_log_update_now (PinkSyscallLog        *self);
/* The interval is another one. */
void _pink_syscall_log_rearm      (PinkSyscallLog        *self);
/* All of them instead of what it has; the store is left empty, or nearly so. */
void _pink_syscall_log_take_rows  (PinkSyscallLog        *self,
                                   PinkLogStore          *store,
                                   guint64                n_dropped);
void _pink_syscall_log_cancel_update (PinkSyscallLog     *self);
/* What is too much goes, or all, and that is told. */
void _pink_syscall_log_trim       (PinkSyscallLog        *self,
                                   gboolean               all);
gboolean _pink_syscall_log_is_over (PinkSyscallLog       *self,
                                    guint64               rows,
                                    guint64               bytes);
/* Nobody has that event any more. */
void _pink_syscall_log_forget     (PinkSyscallLog        *self,
                                   PinkSyscallEvent      *event);

/* pink-syscall-event-row.c */
PinkSyscallEvent *_pink_syscall_event_new_row    (PinkTracee       *tracee,
                                                  const PinkRow    *row,
                                                  PinkTextFlags     text_flags);
void              _pink_syscall_event_update_row (PinkSyscallEvent *self,
                                                  const PinkRow    *row);
/* Of a tracer that observes only. */
PinkSyscallEvent *_pink_syscall_event_new_observed (PinkTracee            *tracee,
                                                    const PinkEntryRecord *record);
void              _pink_syscall_event_set_observed_result (PinkSyscallEvent     *self,
                                                           const PinkExitRecord *record);
void              _pink_syscall_event_leave_log  (PinkSyscallEvent *self);
void              _pink_syscall_event_notify_end (PinkSyscallEvent *self);

/* pink-tracer-log.c */
void _pink_tracer_records_announced (PinkTracer *self,
                                     PinkTask   *task,
                                     gboolean    hurry);
void _pink_tracer_record_launch     (PinkTracer     *self,
                                     PinkTracee     *tracee,
                                     const PinkStop *stop,
                                     PinkSnapshot   *snapshot);
/* What the task has written down is taken out, since one of its tracees, or it, ends. */
void _pink_tracer_drain_task        (PinkTracer *self,
                                     PinkTask   *task);
void _pink_tracer_records_end       (PinkTracer *self,
                                     PinkTracee *tracee);
/* The logs say all they know. */
void _pink_tracer_update_logs       (PinkTracer *self);
gboolean _pink_tracer_has_logs      (PinkTracer *self);
void _pink_tracer_log_record        (PinkTracer       *self,
                                     PinkTracee       *tracee,
                                     const PinkRecord *record);
/* All that was due has been told of. */
void _pink_tracer_records_told      (PinkTracer *self);
/* After what is written down, or how much of it, has changed. */
void _pink_tracer_set_recording     (PinkTracer *self);
void _pink_tracer_drop_logs         (PinkTracer *self);
