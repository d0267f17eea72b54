/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-signal-event-private.h"
#include "pink-tracee-private.h"

#include <signal.h>
#include <string.h>

/**
 * SECTION:pink-signal-event
 * @title: PinkSignalEvent
 * @short_description: a signal on its way to a tracee
 *
 * A handler of #PinkTracer::signal-delivery gets a #PinkSignalEvent, and can
 * suppress the signal or put another in its place. If none does, it is
 * delivered as it is. SIGKILL is never seen: the kernel asks nobody.
 *
 * All methods are called from the thread that runs the tracer's main context.
 */

/**
 * PinkSignalEvent:
 *
 * A signal on its way to a tracee.
 *
 * Since: 1.0
 */
struct _PinkSignalEvent
{
  GObject     parent_instance;

  PinkTracee *tracee;
  int         number;
  int         delivered; /* 0: suppressed */
  gboolean    decided;   /* a handler has had its say: the first one counts */
  gboolean    open;      /* until the handlers have returned */
  gboolean    changed;
  siginfo_t   info;
};

G_DEFINE_FINAL_TYPE (PinkSignalEvent, pink_signal_event, G_TYPE_OBJECT)

G_STATIC_ASSERT (sizeof (siginfo_t) == PINK_SIGINFO_SIZE);

enum
{
  PROP_0,
  PROP_TRACEE,
  PROP_NUMBER,
  PROP_NAME,
  PROP_CODE,
  PROP_SENDER,
  PROP_VALUE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
pink_signal_event_finalize (GObject *object)
{
  g_clear_object (&PINK_SIGNAL_EVENT (object)->tracee);
  G_OBJECT_CLASS (pink_signal_event_parent_class)->finalize (object);
}

static void
pink_signal_event_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  PinkSignalEvent *self = PINK_SIGNAL_EVENT (object);

  switch (prop_id)
    {
    case PROP_TRACEE:
      g_value_set_object (value, pink_signal_event_get_tracee (self));
      break;
    case PROP_NUMBER:
      g_value_set_int (value, pink_signal_event_get_number (self));
      break;
    case PROP_NAME:
      g_value_set_string (value, pink_signal_event_get_name (self));
      break;
    case PROP_CODE:
      g_value_set_int (value, pink_signal_event_get_code (self));
      break;
    case PROP_SENDER:
      g_value_set_int (value, pink_signal_event_get_sender (self));
      break;
    case PROP_VALUE:
      g_value_set_int (value, pink_signal_event_get_value (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pink_signal_event_class_init (PinkSignalEventClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = pink_signal_event_finalize;
  object_class->get_property = pink_signal_event_get_property;

  /**
   * PinkSignalEvent:tracee:
   *
   * Whom it is for.
   *
   * Since: 1.0
   */
  properties[PROP_TRACEE] = g_param_spec_object ("tracee", NULL, NULL, PINK_TYPE_TRACEE, flags);
  /**
   * PinkSignalEvent:number:
   *
   * The signal.
   *
   * Since: 1.0
   */
  properties[PROP_NUMBER] = g_param_spec_int ("number", NULL, NULL, 0, 64, 0, flags);
  /**
   * PinkSignalEvent:name:
   *
   * The signal's name.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /**
   * PinkSignalEvent:code:
   *
   * Why it was sent: si_code of sigaction(2).
   *
   * Since: 1.0
   */
  properties[PROP_CODE] = g_param_spec_int ("code", NULL, NULL, G_MININT, G_MAXINT, 0, flags);
  /**
   * PinkSignalEvent:sender:
   *
   * The process that has sent it, or whose end it tells; 0 where none has.
   *
   * Since: 1.0
   */
  properties[PROP_SENDER] = g_param_spec_int ("sender", NULL, NULL, 0, G_MAXINT, 0, flags);
  /**
   * PinkSignalEvent:value:
   *
   * What was sent with it by sigqueue(3).
   *
   * Since: 1.0
   */
  properties[PROP_VALUE] = g_param_spec_int ("value", NULL, NULL, G_MININT, G_MAXINT, 0, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
pink_signal_event_init (PinkSignalEvent *self)
{
}

PinkSignalEvent *
_pink_signal_event_new (PinkTracee *tracee,
                        int         number,
                        const void *info)
{
  PinkSignalEvent *self = g_object_new (PINK_TYPE_SIGNAL_EVENT, NULL);

  self->tracee = g_object_ref (tracee);
  self->number = number;
  self->delivered = number;
  self->open = TRUE;
  memcpy (&self->info, info, sizeof self->info);
  return self;
}

int
_pink_signal_event_decide (PinkSignalEvent *self,
                           PinkSlot        *slot,
                           gboolean        *changed)
{
  self->open = FALSE;
  *changed = self->changed;
  if (self->changed && slot != NULL)
    memcpy (pink_slot_get_siginfo (slot), &self->info, sizeof self->info);
  return self->delivered;
}

/**
 * pink_signal_event_get_tracee:
 * @self: a signal
 *
 * Gets whom the signal is for.
 *
 * Returns: (transfer none) (nullable): the tracee; %NULL only in an object that
 *   no tracer made
 *
 * Since: 1.0
 */
PinkTracee *
pink_signal_event_get_tracee (PinkSignalEvent *self)
{
  g_return_val_if_fail (PINK_IS_SIGNAL_EVENT (self), NULL);

  return self->tracee;
}

/**
 * pink_signal_event_get_number:
 * @self: a signal
 *
 * Gets the signal's number.
 *
 * Returns: 1 to 64; 0 only in an object that no tracer made
 *
 * Since: 1.0
 */
int
pink_signal_event_get_number (PinkSignalEvent *self)
{
  g_return_val_if_fail (PINK_IS_SIGNAL_EVENT (self), 0);

  return self->number;
}

/**
 * pink_signal_event_get_name:
 * @self: a signal
 *
 * Gets the signal's name, which is the detail of #PinkTracer::signal-delivery.
 *
 * Returns: (nullable): "SIGUSR1", for example; %NULL only in an object that no
 *   tracer made
 *
 * Since: 1.0
 */
const char *
pink_signal_event_get_name (PinkSignalEvent *self)
{
  g_return_val_if_fail (PINK_IS_SIGNAL_EVENT (self), NULL);

  return pink_signal_name (self->number);
}

/**
 * pink_signal_event_get_code:
 * @self: a signal
 *
 * Gets why the signal was sent: si_code of sigaction(2).
 *
 * Returns: the code
 *
 * Since: 1.0
 */
int
pink_signal_event_get_code (PinkSignalEvent *self)
{
  g_return_val_if_fail (PINK_IS_SIGNAL_EVENT (self), 0);

  return self->info.si_code;
}

static gboolean
has_sender (PinkSignalEvent *self)
{
  return self->info.si_code <= 0 || self->number == SIGCHLD;
}

/**
 * pink_signal_event_get_sender:
 * @self: a signal
 *
 * Gets the process that has sent the signal, or for SIGCHLD the child.
 *
 * Returns: its id, or 0 where no process has sent it
 *
 * Since: 1.0
 */
int
pink_signal_event_get_sender (PinkSignalEvent *self)
{
  g_return_val_if_fail (PINK_IS_SIGNAL_EVENT (self), 0);

  return has_sender (self) && self->info.si_code != SI_TIMER ? self->info.si_pid : 0;
}

/**
 * pink_signal_event_get_value:
 * @self: a signal
 *
 * Gets what was sent with the signal by sigqueue(3) or a timer.
 *
 * Returns: the value, or 0 where there is none
 *
 * Since: 1.0
 */
int
pink_signal_event_get_value (PinkSignalEvent *self)
{
  g_return_val_if_fail (PINK_IS_SIGNAL_EVENT (self), 0);

  return self->info.si_code == SI_QUEUE || self->info.si_code == SI_TIMER ||
                 self->info.si_code == SI_MESGQ
           ? self->info.si_value.sival_int
           : 0;
}

/**
 * pink_signal_event_get_info:
 * @self: a signal
 *
 * Gets all that the kernel says of the signal: the siginfo_t of sigaction(2),
 * 128 bytes, in the form of this machine.
 *
 * Returns: (transfer full): the bytes
 *
 * Since: 1.0
 */
GBytes *
pink_signal_event_get_info (PinkSignalEvent *self)
{
  g_return_val_if_fail (PINK_IS_SIGNAL_EVENT (self), NULL);

  return g_bytes_new (&self->info, sizeof self->info);
}

static gboolean
check_open (PinkSignalEvent  *self,
            GError          **error)
{
  if (self->open)
    return _pink_tracee_check_ours (self->tracee, error);
  g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                       "The signal has been delivered: what becomes of it is decided in a "
                       "handler, before that returns");
  return FALSE;
}

/**
 * pink_signal_event_set_info:
 * @self: a signal
 * @info: 128 bytes, as pink_signal_event_get_info() gives them
 * @error: return location for an error
 *
 * Changes what the tracee will be told of the signal.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE after the
 *   handlers have returned, %PINK_TRACER_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
gboolean
pink_signal_event_set_info (PinkSignalEvent  *self,
                            GBytes           *info,
                            GError          **error)
{
  g_return_val_if_fail (PINK_IS_SIGNAL_EVENT (self), FALSE);
  g_return_val_if_fail (info != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_open (self, error))
    return FALSE;
  if (g_bytes_get_size (info) != sizeof self->info)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "A siginfo has %" G_GSIZE_FORMAT " bytes, not %" G_GSIZE_FORMAT,
                   sizeof self->info, g_bytes_get_size (info));
      return FALSE;
    }
  memcpy (&self->info, g_bytes_get_data (info, NULL), sizeof self->info);
  self->changed = TRUE;
  return TRUE;
}

static gboolean
decide (PinkSignalEvent  *self,
        int               number,
        GError          **error)
{
  if (!check_open (self, error))
    return FALSE;
  if (!self->decided)
    self->delivered = number;
  self->decided = TRUE;
  return TRUE;
}

/**
 * pink_signal_event_suppress:
 * @self: a signal
 * @error: return location for an error
 *
 * Lets the signal get lost. Where several handlers decide, the first one counts.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE after the
 *   handlers have returned
 *
 * Since: 1.0
 */
gboolean
pink_signal_event_suppress (PinkSignalEvent  *self,
                            GError          **error)
{
  g_return_val_if_fail (PINK_IS_SIGNAL_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return decide (self, 0, error);
}

/**
 * pink_signal_event_replace:
 * @self: a signal
 * @number: another signal, 1 to 64
 * @error: return location for an error
 *
 * Delivers another signal instead. The kernel makes up what the tracee is told
 * of it. Where several handlers decide, the first one counts.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE after the
 *   handlers have returned, %PINK_TRACER_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
gboolean
pink_signal_event_replace (PinkSignalEvent  *self,
                           int               number,
                           GError          **error)
{
  g_return_val_if_fail (PINK_IS_SIGNAL_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (number < 1 || number > 64)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "%d is no signal: they are 1 to 64", number);
      return FALSE;
    }
  return decide (self, number, error);
}
