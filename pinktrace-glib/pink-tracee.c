/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-text-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

#include <string.h>
#include <sys/wait.h>

/**
 * SECTION:pink-tracee
 * @title: PinkTracee
 * @short_description: a traced program
 *
 * A #PinkTracee is a program that a #PinkTracer has started. The object stays
 * when the program has ended, and then tells how.
 *
 * All methods are called from the thread that runs the tracer's main context.
 */

/**
 * PinkTracee:
 *
 * A traced program.
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (PinkTracee, pink_tracee, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_PID,
  PROP_TGID,
  PROP_BIRTH,
  PROP_PARENT,
  PROP_CHILDREN,
  PROP_COMMAND,
  PROP_STATE,
  PROP_WAIT_STATUS,
  PROP_EXIT_CODE,
  PROP_TERM_SIGNAL,
  PROP_CORE_DUMPED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
pink_tracee_finalize (GObject *object)
{
  PinkTracee *self = PINK_TRACEE (object);

  g_free (self->command);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->launch, _pink_snapshot_free);
  g_clear_pointer (&self->filtered, g_bytes_unref);
  g_clear_object (&self->event);
  g_clear_object (&self->parent);
  g_clear_object (&self->children);
  G_OBJECT_CLASS (pink_tracee_parent_class)->finalize (object);
}

static void
pink_tracee_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  PinkTracee *self = PINK_TRACEE (object);

  switch (prop_id)
    {
    case PROP_PID:
      g_value_set_int (value, pink_tracee_get_pid (self));
      break;
    case PROP_TGID:
      g_value_set_int (value, pink_tracee_get_tgid (self));
      break;
    case PROP_BIRTH:
      g_value_set_enum (value, pink_tracee_get_birth (self));
      break;
    case PROP_PARENT:
      g_value_set_object (value, pink_tracee_get_parent (self));
      break;
    case PROP_CHILDREN:
      g_value_set_object (value, pink_tracee_get_children (self));
      break;
    case PROP_COMMAND:
      g_value_take_string (value, pink_tracee_get_command (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, pink_tracee_get_state (self));
      break;
    case PROP_WAIT_STATUS:
      g_value_set_int (value, pink_tracee_get_wait_status (self));
      break;
    case PROP_EXIT_CODE:
      g_value_set_int (value, pink_tracee_get_exit_code (self));
      break;
    case PROP_TERM_SIGNAL:
      g_value_set_int (value, pink_tracee_get_term_signal (self));
      break;
    case PROP_CORE_DUMPED:
      g_value_set_boolean (value, pink_tracee_get_core_dumped (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pink_tracee_class_init (PinkTraceeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = pink_tracee_finalize;
  object_class->get_property = pink_tracee_get_property;

  /**
   * PinkTracee:tgid:
   *
   * The id of the process the thread belongs to: its leader's #PinkTracee:pid.
   *
   * Since: 1.0
   */
  properties[PROP_TGID] = g_param_spec_int ("tgid", NULL, NULL, 0, G_MAXINT, 0, flags);
  /**
   * PinkTracee:birth:
   *
   * How it came to be.
   *
   * Since: 1.0
   */
  properties[PROP_BIRTH] = g_param_spec_enum ("birth", NULL, NULL, PINK_TYPE_TRACEE_BIRTH,
                                              PINK_TRACEE_BIRTH_SPAWN, flags);
  /**
   * PinkTracee:parent:
   *
   * The tracee that made it; %NULL for one that the tracer has started, and
   * where the maker was killed before it could be seen.
   *
   * Since: 1.0
   */
  properties[PROP_PARENT] = g_param_spec_object ("parent", NULL, NULL, PINK_TYPE_TRACEE, flags);
  /**
   * PinkTracee:children:
   *
   * The tracees that it has made and that have not ended, as a #GListModel.
   *
   * Since: 1.0
   */
  properties[PROP_CHILDREN] = g_param_spec_object ("children", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  /**
   * PinkTracee:pid:
   *
   * The id of the thread, which is the process's for its first; 0 in an object
   * that no tracer made. An exec of another thread than the first changes it to
   * the first's: see #PinkTracer::exec.
   *
   * Since: 1.0
   */
  properties[PROP_PID] = g_param_spec_int ("pid", NULL, NULL, 0, G_MAXINT, 0, flags);
  /**
   * PinkTracee:command:
   *
   * The program's short name, for people to read; see pink_tracee_get_command().
   *
   * Since: 1.0
   */
  properties[PROP_COMMAND] = g_param_spec_string ("command", NULL, NULL, NULL, flags);
  /**
   * PinkTracee:state:
   *
   * What it does. Notified when it ends, not at every stop.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, PINK_TYPE_TRACEE_STATE,
                                              PINK_TRACEE_RUNNING, flags);
  /**
   * PinkTracee:wait-status:
   *
   * How it ended, as wait(2) tells it; -1 while it has not.
   *
   * Since: 1.0
   */
  properties[PROP_WAIT_STATUS] = g_param_spec_int ("wait-status", NULL, NULL,
                                                   -1, G_MAXINT, -1, flags);
  /**
   * PinkTracee:exit-code:
   *
   * The code it exited with, 0 to 255; -1 if it has not, or was killed.
   *
   * Since: 1.0
   */
  properties[PROP_EXIT_CODE] = g_param_spec_int ("exit-code", NULL, NULL, -1, 255, -1, flags);
  /**
   * PinkTracee:term-signal:
   *
   * The signal that killed it; 0 if none has.
   *
   * Since: 1.0
   */
  properties[PROP_TERM_SIGNAL] = g_param_spec_int ("term-signal", NULL, NULL, 0, 127, 0, flags);
  /**
   * PinkTracee:core-dumped:
   *
   * Whether a signal killed it and it left a core dump.
   *
   * Since: 1.0
   */
  properties[PROP_CORE_DUMPED] = g_param_spec_boolean ("core-dumped", NULL, NULL, FALSE, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
pink_tracee_init (PinkTracee *self)
{
  self->wait_status = -1;
  g_queue_init (&self->interrupts);
}

static GListStore *
children_of (PinkTracee *self)
{
  if (self->children == NULL)
    self->children = g_list_store_new (PINK_TYPE_TRACEE);
  return self->children;
}

PinkTracee *
_pink_tracee_new (PinkTracer   *tracer,
                  PinkSlot     *slot,
                  PinkTracee   *parent,
                  PinkSnapshot *launch,
                  const char   *command,
                  guint         string_limit)
{
  PinkTracee *self = g_object_new (PINK_TYPE_TRACEE, NULL);

  self->tracer = tracer;
  self->context = g_main_context_ref (_pink_tracer_get_private (tracer)->context);
  self->slot = slot;
  self->pid = pink_slot_get_tid (slot);
  self->tgid = pink_slot_get_tgid (slot);
  self->birth = (PinkTraceeBirth) pink_slot_get_birth (slot);
  self->lives_on = pink_slot_lives_on (slot);
  self->launch = launch;
  /* Until somebody asks, which may be too late. */
  if (command != NULL)
    self->command = _pink_text_escape (command, strlen (command));
  else if (parent != NULL)
    self->command = g_strdup (parent->command);
  if (parent != NULL)
    {
      self->parent = g_object_ref (parent);
      g_list_store_append (children_of (parent), self);
    }
  self->string_limit = string_limit;
  return self;
}

void
_pink_tracee_set_pid (PinkTracee *self,
                      int         pid)
{
  if (self->pid == pid)
    return;
  self->pid = pid;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PID]);
}

void
_pink_tracee_end (PinkTracee      *self,
                  PinkTraceeState  state,
                  int              wait_status)
{
  if (self->event != NULL)
    _pink_syscall_event_set_state (self->event, self->event->has_result ? PINK_SYSCALL_FINISHED
                                                                       : PINK_SYSCALL_GONE);
  _pink_tracee_take_event (self, NULL);
  if (self->parent != NULL)
    {
      guint position;

      /* A parent and its children hold each other no longer than both live. */
      if (g_list_store_find (self->parent->children, self, &position))
        g_list_store_remove (self->parent->children, position);
    }
  self->slot = NULL;
  self->tracer = NULL;
  self->stopped = FALSE;
  self->state = state;
  self->wait_status = wait_status;
  for (guint i = PROP_STATE; i < N_PROPS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
  _pink_tracee_end_interrupts (self);
  _pink_tracee_end_injections (self);
}

/**
 * pink_tracee_get_pid:
 * @self: a tracee
 *
 * Gets the process id, as the tracing program's pid namespace has it.
 *
 * Returns: the id; 0 in an object that no tracer made
 *
 * Since: 1.0
 */
int
pink_tracee_get_pid (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), 0);

  return self->pid;
}

/**
 * pink_tracee_get_tgid:
 * @self: a tracee
 *
 * Gets the id of the process that the thread belongs to.
 *
 * Returns: the id; 0 in an object that no tracer made
 *
 * Since: 1.0
 */
int
pink_tracee_get_tgid (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), 0);

  return self->tgid;
}

/**
 * pink_tracee_get_birth:
 * @self: a tracee
 *
 * Gets how the tracee came to be.
 *
 * Returns: how
 *
 * Since: 1.0
 */
PinkTraceeBirth
pink_tracee_get_birth (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), PINK_TRACEE_BIRTH_SPAWN);

  return self->birth;
}

/**
 * pink_tracee_get_parent:
 * @self: a tracee
 *
 * Gets the tracee that made this one. It may have ended.
 *
 * Returns: (transfer none) (nullable): the maker, or %NULL for a program that
 *   the tracer has started, and where the maker was killed before it was seen
 *
 * Since: 1.0
 */
PinkTracee *
pink_tracee_get_parent (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);

  return self->parent;
}

/**
 * pink_tracee_is_leader:
 * @self: a tracee
 *
 * Gets whether this is the first thread of its process.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
pink_tracee_is_leader (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);

  return self->pid == self->tgid;
}

/**
 * pink_tracee_get_children:
 * @self: a tracee
 *
 * Gets the tracees that this one has made and that have not ended: processes
 * and threads. A GtkTreeListModel shows the whole tree from
 * pink_tracer_get_tracees() and this.
 *
 * Returns: (transfer none): a list of #PinkTracee
 *
 * Since: 1.0
 */
GListModel *
pink_tracee_get_children (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);

  return G_LIST_MODEL (children_of (self));
}

/**
 * pink_tracee_get_superseder:
 * @self: a tracee
 *
 * Gets whose exec has ended this one: where a thread that is not the first of
 * its process makes an execve(2), the first one ends without a status of its
 * own, and the other takes over its id.
 *
 * Returns: the id that the other thread had until then, or 0 if this one has
 *   not ended in such a way
 *
 * Since: 1.0
 */
int
pink_tracee_get_superseder (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), 0);

  return self->superseded_by;
}

/**
 * pink_tracee_get_seccomp_data:
 * @self: a tracee, in a handler of "stopped::seccomp" or held there
 *
 * Gets what the tracee's own filter says to its tracer: the lower half of the
 * value that it has returned (SECCOMP_RET_DATA of seccomp(2)).
 *
 * Returns: 0 to 65,535, or -1 if it does not stand at such a stop
 *
 * Since: 1.0
 */
int
pink_tracee_get_seccomp_data (PinkTracee *self)
{
  const PinkStop *stop;

  g_return_val_if_fail (PINK_IS_TRACEE (self), -1);

  if (!self->stopped)
    return -1;
  stop = pink_slot_get_stop (self->slot);
  return stop->kind == PINK_STOP_SECCOMP ? (int) stop->seccomp_data : -1;
}

/**
 * pink_tracee_get_command:
 * @self: a tracee
 *
 * Gets the program's short name (of up to 15 bytes, see proc_pid_comm(5)), for
 * people to read: a program can give itself any name. When the program has
 * ended this is the name that was read last.
 *
 * Returns: (transfer full) (nullable): the name, in UTF-8, with bytes that are
 *   not as `\xff` and a backslash as `\\`; or %NULL if it was never read
 *
 * Since: 1.0
 */
char *
pink_tracee_get_command (PinkTracee *self)
{
  g_autofree char *file = NULL;
  g_autofree char *contents = NULL;
  gsize length;

  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);

  file = g_strdup_printf ("/proc/%d/comm", self->pid);
  if (self->slot != NULL && g_file_get_contents (file, &contents, &length, NULL))
    {
      if (length > 0 && contents[length - 1] == '\n')
        length--;
      g_free (self->command);
      self->command = _pink_text_escape (contents, length);
    }
  return g_strdup (self->command);
}

/**
 * pink_tracee_get_state:
 * @self: a tracee
 *
 * Gets what the tracee does, as far as the main loop has been told.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
PinkTraceeState
pink_tracee_get_state (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), PINK_TRACEE_LOST);

  return self->state;
}

/**
 * pink_tracee_get_wait_status:
 * @self: a tracee
 *
 * Gets how the tracee ended, in the form of wait(2), for g_spawn_check_wait_status().
 *
 * Returns: the status, or -1 while it has not ended
 *
 * Since: 1.0
 */
int
pink_tracee_get_wait_status (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), -1);

  return self->wait_status;
}

/**
 * pink_tracee_get_exit_code:
 * @self: a tracee
 *
 * Gets the code that the tracee has exited with.
 *
 * Returns: 0 to 255, or -1 if it has not ended or was killed by a signal
 *
 * Since: 1.0
 */
int
pink_tracee_get_exit_code (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), -1);

  return self->wait_status != -1 && WIFEXITED (self->wait_status) ? WEXITSTATUS (self->wait_status)
                                                                  : -1;
}

/**
 * pink_tracee_get_term_signal:
 * @self: a tracee
 *
 * Gets the signal that killed the tracee.
 *
 * Returns: the signal's number, or 0 if it has not ended or has exited
 *
 * Since: 1.0
 */
int
pink_tracee_get_term_signal (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), 0);

  return self->wait_status != -1 && WIFSIGNALED (self->wait_status) ? WTERMSIG (self->wait_status)
                                                                    : 0;
}

/**
 * pink_tracee_get_core_dumped:
 * @self: a tracee
 *
 * Gets whether the tracee was killed by a signal and left a core dump.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
pink_tracee_get_core_dumped (PinkTracee *self)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);

  return pink_tracee_get_term_signal (self) != 0 && WCOREDUMP (self->wait_status);
}
