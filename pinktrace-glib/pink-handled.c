/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which calls have handlers. The tracer task must know without asking GSignal,
 * which takes a lock, so it reads a table that is kept here. GObject announces
 * neither connect nor disconnect:
 *
 *  - a connect is noticed before the main loop sleeps, because handler ids rise
 *    with each connect in the process: if an id of our own is not the next one,
 *    somebody connected something. (Where ids are not like that, the table is
 *    made anew each time: slower, not wrong.)
 *  - a handler that went needs no hurry: its stops come here for nothing until
 *    the table is made anew, every so many emissions.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-log-private.h"
#include "pink-tracer-private.h"

#define EMISSIONS_BETWEEN_REFRESHES 256

GQuark
_pink_handled_quark (int row)
{
  static GQuark *quarks;

  if (row < 0)
    return 0;
  if (g_once_init_enter (&quarks))
    {
      unsigned n = pink_arch_n_syscalls ();
      GQuark *made = g_new (GQuark, n);

      for (unsigned i = 0; i < n; i++)
        made[i] = g_quark_from_static_string (pink_arch_syscall (i)->name);
      g_once_init_leave (&quarks, made);
    }
  return quarks[row];
}

static gboolean
has_handler (PinkTracer *self,
             guint       signal,
             GQuark      detail)
{
  /* A blocked handler counts: unblocking must not need a look here. */
  return g_signal_has_handler_pending (self, _pink_tracer_signals[signal], detail, TRUE);
}

static gboolean
replaces_memory (unsigned row)
{
  const char *name = pink_arch_syscall (row)->name;

  return g_str_equal (name, "execve") || g_str_equal (name, "execveat");
}

static void
refresh_signals (PinkTracer *self,
                 PinkEngine *engine)
{
  gboolean any = has_handler (self, PINK_SIGNAL_SIGNAL_DELIVERY, 0);

  for (int number = 1; number <= 64; number++)
    {
      GQuark detail = any ? 0 : g_quark_try_string (pink_signal_name (number));

      pink_engine_set_signal_handled (engine, (unsigned) number,
                                      any || (detail != 0 &&
                                              has_handler (self, PINK_SIGNAL_SIGNAL_DELIVERY,
                                                           detail)));
    }
}

GQuark
_pink_handled_stop_quark (PinkStopReason reason)
{
  switch (reason)
    {
    case PINK_STOP_REASON_INTERRUPT:
      return g_quark_from_static_string ("interrupt");
    case PINK_STOP_REASON_SINGLE_STEP:
      return g_quark_from_static_string ("single-step");
    case PINK_STOP_REASON_VFORK_DONE:
      return g_quark_from_static_string ("vfork-done");
    case PINK_STOP_REASON_SECCOMP:
      return g_quark_from_static_string ("seccomp");
    default:
      return 0;
    }
}

static gboolean
has_stop_handler (PinkTracer     *self,
                  PinkStopReason  reason)
{
  return has_handler (self, PINK_SIGNAL_STOPPED, 0) ||
         has_handler (self, PINK_SIGNAL_STOPPED, _pink_handled_stop_quark (reason));
}

static void
refresh_stops (PinkTracer *self,
               PinkEngine *engine)
{
  unsigned bits = 0;

  if (has_handler (self, PINK_SIGNAL_GROUP_STOP, 0))
    bits |= 1U << PINK_STOP_GROUP;
  if (has_stop_handler (self, PINK_STOP_REASON_SINGLE_STEP))
    bits |= 1U << PINK_STOP_STEP;
  if (has_stop_handler (self, PINK_STOP_REASON_VFORK_DONE))
    bits |= 1U << PINK_STOP_VFORK_DONE;
  if (has_stop_handler (self, PINK_STOP_REASON_SECCOMP))
    bits |= 1U << PINK_STOP_SECCOMP;
  if (has_handler (self, PINK_SIGNAL_EXITING, 0))
    bits |= 1U << PINK_STOP_EXITING;
  pink_engine_set_stops_handled (engine, bits);
}

/* Nobody waits for these handlers. */
static guint8
observed (guint8 handled)
{
  return handled != 0 ? PINK_HANDLED_RECORD : 0;
}

void
_pink_handled_refresh (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  gboolean any_entry = has_handler (self, PINK_SIGNAL_SYSCALL_ENTER, 0);
  gboolean any_exit = has_handler (self, PINK_SIGNAL_SYSCALL_EXIT, 0);
  guint8 any = (any_entry ? PINK_HANDLED_ENTRY : 0) | (any_exit ? PINK_HANDLED_EXIT : 0);
  unsigned n = pink_arch_n_syscalls ();

  for (unsigned row = 0; row < n; row++)
    {
      guint8 handled = any;
      GQuark detail = _pink_handled_quark ((int) row);

      if (!any_entry && has_handler (self, PINK_SIGNAL_SYSCALL_ENTER, detail))
        handled |= PINK_HANDLED_ENTRY;
      if (!any_exit && has_handler (self, PINK_SIGNAL_SYSCALL_EXIT, detail))
        handled |= PINK_HANDLED_EXIT;
      if (priv->observe_only)
        handled = observed (handled);
      /* At its exit, what an execve's arguments pointed to is gone. */
      if ((handled & PINK_HANDLED_EXIT) && replaces_memory (row))
        handled |= PINK_HANDLED_ENTRY;
      if (_pink_tracer_has_logs (self))
        handled |= PINK_HANDLED_RECORD;
      if (!_pink_tracer_has_chosen (self, row))
        handled = 0;
      pink_engine_set_handled (priv->engine, row, handled);
    }
  if (priv->observe_only)
    any = observed (any);
  if (_pink_tracer_has_logs (self))
    any |= PINK_HANDLED_RECORD;
  pink_engine_set_handled (priv->engine, n, _pink_tracer_has_chosen (self, n) ? any : 0);
  refresh_signals (self, priv->engine);
  refresh_stops (self, priv->engine);
  priv->n_emissions = 0;
}

static void
do_nothing (void)
{
}

static gulong
next_handler_id (void)
{
  static GObject *probe;
  gulong id;

  if (g_once_init_enter (&probe))
    g_once_init_leave (&probe, g_object_new (G_TYPE_OBJECT, NULL));
  id = g_signal_connect (probe, "notify", G_CALLBACK (do_nothing), NULL);
  g_signal_handler_disconnect (probe, id);
  return id;
}

void
_pink_handled_check (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  gulong id = next_handler_id ();
  gboolean connected = id != priv->last_handler + 1;

  priv->last_handler = id;
  if (connected || priv->n_emissions > EMISSIONS_BETWEEN_REFRESHES)
    _pink_handled_refresh (self);
}
