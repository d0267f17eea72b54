/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-syscall-log-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

#include <errno.h>

/**
 * SECTION:pink-tracer
 * @title: PinkTracer
 * @short_description: traces programs, from a main loop
 *
 * A #PinkTracer starts programs and emits a signal when one of them enters or
 * leaves a system call. The signals come from a #GSource, named "PinkTracer",
 * in the #GMainContext that was the thread's default when the tracer was made;
 * the program that was traced stands still until the handlers have returned.
 * Only calls that a handler is connected for come to the main loop at all: the
 * detail is the call's name, as in "syscall-enter::openat". A misspelt detail
 * is silent, as GObject has it: pink_syscall_expand() checks names.
 *
 * Keep the tracer in a variable for as long as the trace is to go on. It holds
 * no reference on itself: when the last one goes, the trace ends, and the
 * programs it has started are killed.
 *
 * Nothing of the application is touched: no signal handler, no child, no
 * descriptor, no privilege. Tracing is done by tracer tasks, processes of their
 * own that share the application's memory, one for each program started. After
 * daemon(3) or exec(2) of the application they end. In a fork()ed copy of the
 * application a tracer is inert: its methods fail with %PINK_TRACER_ERROR_FORKED.
 *
 * All methods are called from the thread that runs the main context. A process
 * may have many tracers, each in a thread of its own.
 */

/**
 * PinkTracer:
 *
 * Traces programs, from a main loop.
 *
 * Since: 1.0
 */

/**
 * PinkTracerClass:
 * @parent_class: the parent class
 *
 * The class of #PinkTracer. It has no slots for the signals: connect to them.
 *
 * Since: 1.0
 */
G_DEFINE_TYPE_WITH_PRIVATE (PinkTracer, pink_tracer, G_TYPE_OBJECT)

#define DEFAULT_STRING_LIMIT 32

enum
{
  PROP_0,
  PROP_N_TRACEES,
  PROP_TRACEES,
  PROP_FOLLOW_FORKS,
  PROP_EXIT_KILL,
  PROP_PRIORITY,
  PROP_STRING_LIMIT,
  PROP_TEXT_FLAGS,
  PROP_MEASURE_CPU,
  PROP_OBSERVE_ONLY,
  PROP_DEFAULT_VERDICT,
  PROP_DEFAULT_ERROR,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

PinkTracerPrivate *
_pink_tracer_get_private (PinkTracer *self)
{
  return pink_tracer_get_instance_private (self);
}

void
_pink_tracer_set_forked (GError **error)
{
  g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FORKED,
                       "This tracer belongs to the process that this one was forked from; "
                       "make a new one here");
}

gboolean
_pink_tracer_check (PinkTracer  *self,
                    GError     **error)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  if (priv->engine == NULL && priv->engine_errno != 0)
    {
      _pink_set_task_error (error, "make a tracer", priv->engine_errno);
      return FALSE;
    }
  if (priv->engine == NULL)
    {
      g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED,
                           "This tracer was disposed of; make a new one");
      return FALSE;
    }
  if (!pink_engine_is_ours (priv->engine))
    {
      _pink_tracer_set_forked (error);
      return FALSE;
    }
  return TRUE;
}

PinkTracee *
_pink_tracer_add (PinkTracer   *self,
                  PinkSlot     *slot,
                  PinkTracee   *parent,
                  PinkSnapshot *launch,
                  const char   *command)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  PinkTracee *tracee = _pink_tracee_new (self, slot, parent, launch, command, priv->string_limit);

  pink_slot_set_user (slot, tracee);
  /* A new trace: what became of the last one is no longer asked. */
  if (pink_tracer_get_n_tracees (self) == 0)
    g_clear_error (&priv->lost);
  priv->n_tracees++;
  g_list_store_append (priv->tracees, tracee);
  g_object_unref (tracee);
  /* Handlers that were connected up to here are asked from the first call on. */
  if (launch != NULL)
    _pink_handled_refresh (self);
  return tracee;
}

gboolean
_pink_tracer_is_idle (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  return priv->n_tracees == 0 && priv->n_attaching == 0;
}

/* The tasks are told to end and nobody waits for them. */
static void
pink_tracer_dispose (GObject *object)
{
  PinkTracer *self = PINK_TRACER (object);
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  _pink_tracer_drop_logs (self);
  if (priv->source != NULL)
    g_source_destroy (priv->source);
  g_clear_pointer (&priv->source, g_source_unref);
  if (priv->engine != NULL)
    {
      pink_engine_put_back (priv->engine, g_steal_pointer (&priv->pending));
      for (guint i = 0; i < priv->n_tracees; i++)
        {
          g_autoptr (PinkTracee) tracee = g_list_model_get_item (G_LIST_MODEL (priv->tracees), i);

          if (tracee->slot != NULL)
            _pink_tracee_end (tracee, PINK_TRACEE_LOST, -1);
          _pink_tracee_end_waits (tracee);
        }
      priv->n_tracees = 0;
      g_list_store_remove_all (priv->tracees);
      pink_engine_close (g_steal_pointer (&priv->engine));
      _pink_detach_end_all (self);
      _pink_tracer_end_runs (self);
    }
  G_OBJECT_CLASS (pink_tracer_parent_class)->dispose (object);
}

static void
pink_tracer_finalize (GObject *object)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (PINK_TRACER (object));

  g_object_unref (priv->tracees);
  g_ptr_array_unref (priv->detaches);
  g_ptr_array_unref (priv->logs);
  g_main_context_unref (priv->context);
  g_clear_error (&priv->lost);
  g_free (priv->default_error);
  g_free (priv->chosen);
  g_free (priv->rule_rows);
  G_OBJECT_CLASS (pink_tracer_parent_class)->finalize (object);
}

static void
pink_tracer_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  PinkTracer *self = PINK_TRACER (object);

  switch (prop_id)
    {
    case PROP_N_TRACEES:
      g_value_set_uint (value, pink_tracer_get_n_tracees (self));
      break;
    case PROP_TRACEES:
      g_value_set_object (value, pink_tracer_get_tracees (self));
      break;
    case PROP_FOLLOW_FORKS:
      g_value_set_boolean (value, pink_tracer_get_follow_forks (self));
      break;
    case PROP_EXIT_KILL:
      g_value_set_boolean (value, pink_tracer_get_exit_kill (self));
      break;
    case PROP_PRIORITY:
      g_value_set_int (value, pink_tracer_get_priority (self));
      break;
    case PROP_STRING_LIMIT:
      g_value_set_uint (value, pink_tracer_get_string_limit (self));
      break;
    case PROP_TEXT_FLAGS:
      g_value_set_flags (value, pink_tracer_get_text_flags (self));
      break;
    case PROP_MEASURE_CPU:
      g_value_set_boolean (value, pink_tracer_get_measure_cpu (self));
      break;
    case PROP_OBSERVE_ONLY:
      g_value_set_boolean (value, pink_tracer_get_observe_only (self));
      break;
    case PROP_DEFAULT_VERDICT:
      g_value_set_enum (value, pink_tracer_get_default_verdict (self));
      break;
    case PROP_DEFAULT_ERROR:
      g_value_set_string (value, pink_tracer_get_default_error (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pink_tracer_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  PinkTracer *self = PINK_TRACER (object);

  switch (prop_id)
    {
    case PROP_FOLLOW_FORKS:
      pink_tracer_set_follow_forks (self, g_value_get_boolean (value));
      break;
    case PROP_EXIT_KILL:
      pink_tracer_set_exit_kill (self, g_value_get_boolean (value));
      break;
    case PROP_PRIORITY:
      pink_tracer_set_priority (self, g_value_get_int (value));
      break;
    case PROP_STRING_LIMIT:
      pink_tracer_set_string_limit (self, g_value_get_uint (value));
      break;
    case PROP_TEXT_FLAGS:
      pink_tracer_set_text_flags (self, (PinkTextFlags) g_value_get_flags (value));
      break;
    case PROP_MEASURE_CPU:
      pink_tracer_set_measure_cpu (self, g_value_get_boolean (value));
      break;
    case PROP_OBSERVE_ONLY:
      pink_tracer_set_observe_only (self, g_value_get_boolean (value));
      break;
    case PROP_DEFAULT_VERDICT:
      pink_tracer_set_default_verdict (self, g_value_get_enum (value));
      break;
    case PROP_DEFAULT_ERROR:
      pink_tracer_set_default_error (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  /**
   * PinkTracer:n-tracees:
   *
   * How many tracees have not ended, as far as the main loop has been told.
   *
   * Since: 1.0
   */
  properties[PROP_N_TRACEES] =
    g_param_spec_uint ("n-tracees", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * PinkTracer:tracees:
   *
   * The tracees that have not ended, threads one by one, as a #GListModel.
   *
   * Since: 1.0
   */
  properties[PROP_TRACEES] =
    g_param_spec_object ("tracees", NULL, NULL, G_TYPE_LIST_MODEL,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * PinkTracer:follow-forks:
   *
   * Whether what a tracee makes, processes and threads, is traced as well. Off,
   * it runs free and untraced. It holds for programs that are spawned afterwards.
   *
   * CLONE_UNTRACED is not allowed then: clone(2) is made without that flag, and a
   * clone3(2) that has it fails with ENOSYS, as on a kernel without it. (One whose memory
   * another thread changes after that was looked at gets through.)
   *
   * Since: 1.0
   */
  properties[PROP_FOLLOW_FORKS] =
    g_param_spec_boolean ("follow-forks", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PinkTracer:exit-kill:
   *
   * Whether the programs that the tracer has started, with all they have made,
   * are killed when the trace ends before they do: the tracer goes, or its
   * process. Off, they are let go and run on. It holds for programs that are
   * spawned afterwards.
   *
   * Since: 1.0
   */
  properties[PROP_EXIT_KILL] =
    g_param_spec_boolean ("exit-kill", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PinkTracer:priority:
   *
   * The priority of the tracer's #GSource in its main context. The default,
   * 130, lets a toolkit redraw first and idle work wait.
   *
   * Since: 1.0
   */
  properties[PROP_PRIORITY] =
    g_param_spec_int ("priority", NULL, NULL, G_MININT, G_MAXINT, PINK_PRIORITY_TRACER,
                      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PinkTracer:string-limit:
   *
   * How many bytes of a string, and how many strings of an array, the texts of
   * a system call show; paths are shown whole. It holds for programs that are
   * spawned afterwards.
   *
   * Since: 1.0
   */
  properties[PROP_STRING_LIMIT] =
    g_param_spec_uint ("string-limit", NULL, NULL, 0, 65536, DEFAULT_STRING_LIMIT,
                       G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PinkTracer:text-flags:
   *
   * How the texts of a system call are written. It holds for calls that are
   * begun afterwards.
   *
   * Since: 1.0
   */
  properties[PROP_TEXT_FLAGS] =
    g_param_spec_flags ("text-flags", NULL, NULL, PINK_TYPE_TEXT_FLAGS, PINK_TEXT_DEFAULT,
                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PinkTracer:measure-cpu:
   *
   * Whether #PinkSyscallEvent:cpu-time is measured, which makes each stop a
   * little dearer.
   *
   * Since: 1.0
   */
  properties[PROP_MEASURE_CPU] =
    g_param_spec_boolean ("measure-cpu", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PinkTracer:observe-only:
   *
   * Whether handlers of #PinkTracer::syscall-enter and #PinkTracer::syscall-exit only look
   * on: see pink_tracer_set_observe_only().
   *
   * Since: 1.0
   */
  properties[PROP_OBSERVE_ONLY] =
    g_param_spec_boolean ("observe-only", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PinkTracer:default-verdict:
   *
   * What becomes of a system call that handlers of #PinkTracer::syscall-enter
   * were asked about and none of them has decided: one that threw an exception
   * first, for example. The same holds for a call that was held and that nobody
   * has any more. Calls that no handler is connected for are made.
   *
   * Since: 1.0
   */
  properties[PROP_DEFAULT_VERDICT] =
    g_param_spec_enum ("default-verdict", NULL, NULL, PINK_TYPE_VERDICT, PINK_VERDICT_ALLOW,
                       G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PinkTracer:default-error:
   *
   * The name of the errno that calls fail with where #PinkTracer:default-verdict
   * denies them.
   *
   * Since: 1.0
   */
  properties[PROP_DEFAULT_ERROR] =
    g_param_spec_string ("default-error", NULL, NULL, "EPERM",
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
pink_tracer_class_init (PinkTracerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = pink_tracer_dispose;
  object_class->finalize = pink_tracer_finalize;
  object_class->get_property = pink_tracer_get_property;
  object_class->set_property = pink_tracer_set_property;
  install_properties (object_class);
  _pink_tracer_install_signals ();
}

static void
pink_tracer_init (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  priv->priority = PINK_PRIORITY_TRACER;
  priv->string_limit = DEFAULT_STRING_LIMIT;
  priv->tracees = g_list_store_new (PINK_TYPE_TRACEE);
  priv->detaches = g_ptr_array_new ();
  priv->logs = g_ptr_array_new_with_free_func (g_object_unref);
  priv->follow_forks = TRUE;
  priv->exit_kill = TRUE;
  priv->default_error = g_strdup ("EPERM");
  priv->context = g_main_context_ref_thread_default ();
  g_queue_init (&priv->runs);
  priv->engine = pink_engine_new ();
  if (priv->engine == NULL)
    {
      /* A constructor cannot fail: what is asked of the tracer will. */
      priv->engine_errno = errno;
      return;
    }
  priv->source = _pink_tracer_source_new (self);
  g_source_attach (priv->source, priv->context);
}

/**
 * pink_tracer_new:
 *
 * Makes a tracer for the thread's default main context, see
 * g_main_context_ref_thread_default().
 *
 * Returns: (transfer full): the tracer
 *
 * Since: 1.0
 */
PinkTracer *
pink_tracer_new (void)
{
  return g_object_new (PINK_TYPE_TRACER, NULL);
}

/**
 * pink_tracer_spawn:
 * @self: a tracer
 * @argv: (array zero-terminated=1) (element-type filename): the program and its
 *   arguments. A name without a slash is looked for in the directories of PATH.
 * @error: return location for an error
 *
 * Starts a program and traces it, with the environment, directory, descriptors,
 * rights and limits of the calling thread, as fork(2) and execve(2) would. For
 * others there is #PinkLauncher.
 *
 * Waits only until the kernel has taken the program or refused it. The program
 * then stands still until the main context runs: handlers connected until then
 * see all it does.
 *
 * The tracer holds the tracee until that has ended. Who wants to ask it
 * afterwards how it ended takes a reference, or asks in #PinkTracer::exited.
 *
 * What it makes, processes and threads, is traced as well, unless
 * #PinkTracer:follow-forks is off.
 *
 * Returns: (transfer none): the tracee, or %NULL with an error: of
 *   #GIOErrorEnum if the program cannot be run (%G_IO_ERROR_NOT_FOUND,
 *   %G_IO_ERROR_PERMISSION_DENIED…), %PINK_TRACER_ERROR_INVALID_ARGUMENT if
 *   @argv is empty, %PINK_TRACER_ERROR_NOT_PERMITTED if the system does not let
 *   us trace, %PINK_TRACER_ERROR_FORKED, %PINK_TRACER_ERROR_TASK_DIED
 *
 * Since: 1.0
 */
PinkTracee *
pink_tracer_spawn (PinkTracer           *self,
                   const char * const   *argv,
                   GError              **error)
{
  g_autoptr (PinkLauncher) launcher = NULL;

  g_return_val_if_fail (PINK_IS_TRACER (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  launcher = pink_launcher_new ();
  return pink_launcher_spawn (launcher, self, argv, error);
}

/**
 * pink_tracer_get_n_tracees:
 * @self: a tracer
 *
 * Gets how many tracees have not ended, as far as the main loop has been told.
 *
 * Returns: how many
 *
 * Since: 1.0
 */
guint
pink_tracer_get_n_tracees (PinkTracer *self)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), 0);

  return _pink_tracer_get_private (self)->n_tracees;
}

/**
 * pink_tracer_get_tracees:
 * @self: a tracer
 *
 * Gets the tracees that have not ended, threads one by one.
 *
 * Returns: (transfer none): a list of #PinkTracee
 *
 * Since: 1.0
 */
GListModel *
pink_tracer_get_tracees (PinkTracer *self)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), NULL);

  return G_LIST_MODEL (_pink_tracer_get_private (self)->tracees);
}

/**
 * pink_tracer_get_follow_forks:
 * @self: a tracer
 *
 * Gets whether what a tracee makes is traced as well.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
pink_tracer_get_follow_forks (PinkTracer *self)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), FALSE);

  return _pink_tracer_get_private (self)->follow_forks;
}

/**
 * pink_tracer_set_follow_forks:
 * @self: a tracer
 * @follow_forks: whether to trace what a tracee makes
 *
 * Sets whether processes and threads that a tracee makes are traced as well,
 * for programs that are spawned afterwards.
 *
 * Since: 1.0
 */
void
pink_tracer_set_follow_forks (PinkTracer *self,
                              gboolean    follow_forks)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));

  priv = _pink_tracer_get_private (self);
  follow_forks = !!follow_forks;
  if (priv->follow_forks == follow_forks)
    return;
  priv->follow_forks = follow_forks;
  if (priv->engine != NULL)
    pink_engine_set_follow_forks (priv->engine, follow_forks);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOW_FORKS]);
}

/**
 * pink_tracer_get_exit_kill:
 * @self: a tracer
 *
 * Gets whether programs that the tracer has started die with the trace.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
pink_tracer_get_exit_kill (PinkTracer *self)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), FALSE);

  return _pink_tracer_get_private (self)->exit_kill;
}

/**
 * pink_tracer_set_exit_kill:
 * @self: a tracer
 * @exit_kill: whether they die with the trace
 *
 * Sets whether programs die with the trace, for those that are spawned afterwards.
 *
 * Since: 1.0
 */
void
pink_tracer_set_exit_kill (PinkTracer *self,
                           gboolean    exit_kill)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));

  priv = _pink_tracer_get_private (self);
  exit_kill = !!exit_kill;
  if (priv->exit_kill == exit_kill)
    return;
  priv->exit_kill = exit_kill;
  if (priv->engine != NULL)
    pink_engine_set_exit_kill (priv->engine, exit_kill);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EXIT_KILL]);
}

/**
 * pink_tracer_get_priority:
 * @self: a tracer
 *
 * Gets the priority of the tracer's #GSource.
 *
 * Returns: the priority
 *
 * Since: 1.0
 */
int
pink_tracer_get_priority (PinkTracer *self)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), 0);

  return _pink_tracer_get_private (self)->priority;
}

/**
 * pink_tracer_set_priority:
 * @self: a tracer
 * @priority: a priority, such as %G_PRIORITY_DEFAULT
 *
 * Sets the priority of the tracer's #GSource.
 *
 * Since: 1.0
 */
void
pink_tracer_set_priority (PinkTracer *self,
                          int         priority)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));

  priv = _pink_tracer_get_private (self);
  if (priv->priority == priority)
    return;
  priv->priority = priority;
  if (priv->source != NULL)
    g_source_set_priority (priv->source, priority);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRIORITY]);
}

/**
 * pink_tracer_get_measure_cpu:
 * @self: a tracer
 *
 * Gets whether #PinkSyscallEvent:cpu-time is measured.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
pink_tracer_get_measure_cpu (PinkTracer *self)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), FALSE);

  return _pink_tracer_get_private (self)->measure_cpu;
}

/**
 * pink_tracer_set_measure_cpu:
 * @self: a tracer
 * @measure_cpu: whether to measure
 *
 * Sets whether #PinkSyscallEvent:cpu-time is measured.
 *
 * Since: 1.0
 */
void
pink_tracer_set_measure_cpu (PinkTracer *self,
                             gboolean    measure_cpu)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));

  priv = _pink_tracer_get_private (self);
  measure_cpu = !!measure_cpu;
  if (priv->measure_cpu == measure_cpu)
    return;
  priv->measure_cpu = measure_cpu;
  if (priv->engine != NULL)
    pink_engine_set_measure_cpu (priv->engine, measure_cpu);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MEASURE_CPU]);
}

/**
 * pink_tracer_get_default_verdict:
 * @self: a tracer
 *
 * Gets what becomes of a call that handlers were asked about and none decided.
 *
 * Returns: the verdict
 *
 * Since: 1.0
 */
PinkVerdict
pink_tracer_get_default_verdict (PinkTracer *self)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), PINK_VERDICT_ALLOW);

  return _pink_tracer_get_private (self)->default_verdict;
}

/**
 * pink_tracer_set_default_verdict:
 * @self: a tracer
 * @verdict: the verdict
 *
 * Sets what becomes of a call that handlers were asked about and none decided,
 * from now on.
 *
 * Since: 1.0
 */
void
pink_tracer_set_default_verdict (PinkTracer  *self,
                                 PinkVerdict  verdict)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));
  g_return_if_fail (verdict == PINK_VERDICT_ALLOW || verdict == PINK_VERDICT_DENY);

  priv = _pink_tracer_get_private (self);
  if (priv->default_verdict == verdict)
    return;
  priv->default_verdict = verdict;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DEFAULT_VERDICT]);
}

/**
 * pink_tracer_get_default_error:
 * @self: a tracer
 *
 * Gets the errno that calls fail with where the default verdict denies them.
 *
 * Returns: (transfer none): the errno's name
 *
 * Since: 1.0
 */
const char *
pink_tracer_get_default_error (PinkTracer *self)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), NULL);

  return _pink_tracer_get_private (self)->default_error;
}

/**
 * pink_tracer_set_default_error:
 * @self: a tracer
 * @name: the name of an errno, such as "EACCES"
 *
 * Sets the errno that calls fail with where the default verdict denies them. A
 * name that does not exist is a programming mistake, and changes nothing.
 *
 * Since: 1.0
 */
void
pink_tracer_set_default_error (PinkTracer *self,
                               const char *name)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));
  g_return_if_fail (name != NULL && pink_errno_from_name (name) > 0);

  priv = _pink_tracer_get_private (self);
  if (g_str_equal (priv->default_error, name))
    return;
  g_free (priv->default_error);
  priv->default_error = g_strdup (name);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DEFAULT_ERROR]);
}
