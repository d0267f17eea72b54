/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-syscall-log-private.h"
#include "pink-tracee-private.h"

/**
 * SECTION:pink-syscall-event
 * @title: PinkSyscallEvent
 * @short_description: one system call
 *
 * A handler of #PinkTracer::syscall-enter or #PinkTracer::syscall-exit gets a
 * #PinkSyscallEvent. The entry and the exit of a call bring the same object, so
 * what a script or g_object_set_data() attaches at the entry is there at the
 * exit.
 *
 * What a handler may do with a call: deny it, give it a result without running
 * it, change it into another, change its arguments, change its result at its
 * exit, or hold it until somebody has decided. The call's getters then tell of
 * the call as it will be made; the detail that its exit is emitted with stays
 * that of the entry.
 *
 * Where several handlers decide (pink_syscall_event_allow(),
 * pink_syscall_event_deny(), pink_syscall_event_set_return_value() at the entry),
 * the first decision counts and the others do nothing. Where handlers were asked
 * and none has decided, #PinkTracer:default-verdict does. A handler that throws
 * an exception leaves what it has said before: so read first, decide last.
 *
 * What was changed is the kernel's business alone: when the call has returned,
 * the program finds its own values in its registers.
 *
 * Between a handler's look at memory and the call, another thread of the
 * tracee, or a process that shares the memory, may change it: a policy that
 * must hold denies by default, and looks at what the tracee cannot change.
 *
 * A program that confines itself with seccomp(2) may be killed by its own filter
 * when a call is denied: a call that is not made has the number -1, and the
 * filter sees that.
 *
 * Numbers (arguments, result, times) can be read at any time. What arguments
 * point to is in the tracee's memory and can be read only while the tracee is
 * stopped, that is, until the handler returns: keep what you need.
 *
 * The rows of a #PinkSyscallLog are of this class, too. They can only be read: of
 * memory there is what was recorded, and to change or decide anything is an error.
 *
 * All methods are called from the thread that runs the tracer's main context. In a
 * fork()ed copy of the application those that read the tracee's memory, decide or
 * change fail with %PINK_TRACER_ERROR_FORKED.
 */

/**
 * PinkSyscallEvent:
 *
 * One system call of one tracee.
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (PinkSyscallEvent, pink_syscall_event, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_TRACEE,
  PROP_STATE,
  PROP_ABI,
  PROP_NUMBER,
  PROP_NAME,
  PROP_N_ARGUMENTS,
  PROP_RETURN_VALUE,
  PROP_ERROR_CODE,
  PROP_ERROR_NAME,
  PROP_TIME,
  PROP_DURATION,
  PROP_CPU_TIME,
  PROP_INSTRUCTION_POINTER,
  PROP_STACK_POINTER,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* The one reference that a held call had is gone: it is taken over by the tracee,
 * in whose context what follows has to be. */
static gboolean
forgotten (gpointer data)
{
  PinkSyscallEvent *self = data;

  if (self->held)
    _pink_tracee_event_forgotten (self->tracee, self);
  else
    g_object_unref (self);
  return G_SOURCE_REMOVE;
}

static void
pink_syscall_event_dispose (GObject *object)
{
  PinkSyscallEvent *self = PINK_SYSCALL_EVENT (object);

  _pink_syscall_event_leave_log (self);
  if (self->held)
    {
      g_object_ref (self);
      _pink_tracee_invoke (self->tracee, forgotten, self);
      return;
    }
  G_OBJECT_CLASS (pink_syscall_event_parent_class)->dispose (object);
}

static void
pink_syscall_event_finalize (GObject *object)
{
  PinkSyscallEvent *self = PINK_SYSCALL_EVENT (object);

  g_clear_object (&self->tracee);
  g_clear_pointer (&self->snapshot, _pink_snapshot_free);
  g_clear_pointer (&self->exit_snapshot, _pink_snapshot_free);
  g_free (self->own_name);
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    g_clear_pointer (&self->placed[i], g_bytes_unref);
  pink_tape_clear (&self->tape);
  G_OBJECT_CLASS (pink_syscall_event_parent_class)->finalize (object);
}

static void
pink_syscall_event_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  PinkSyscallEvent *self = PINK_SYSCALL_EVENT (object);

  switch (prop_id)
    {
    case PROP_TRACEE:
      g_value_set_object (value, pink_syscall_event_get_tracee (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, pink_syscall_event_get_state (self));
      break;
    case PROP_ABI:
      g_value_set_enum (value, pink_syscall_event_get_abi (self));
      break;
    case PROP_NUMBER:
      g_value_set_uint64 (value, pink_syscall_event_get_number (self));
      break;
    case PROP_NAME:
      g_value_set_string (value, pink_syscall_event_get_name (self));
      break;
    case PROP_N_ARGUMENTS:
      g_value_set_uint (value, pink_syscall_event_get_n_arguments (self));
      break;
    case PROP_RETURN_VALUE:
      g_value_set_int64 (value, pink_syscall_event_get_return_value (self));
      break;
    case PROP_ERROR_CODE:
      g_value_set_int (value, pink_syscall_event_get_error_code (self));
      break;
    case PROP_ERROR_NAME:
      g_value_set_string (value, pink_syscall_event_get_error_name (self));
      break;
    case PROP_TIME:
      g_value_set_int64 (value, pink_syscall_event_get_time (self));
      break;
    case PROP_DURATION:
      g_value_set_int64 (value, pink_syscall_event_get_duration (self));
      break;
    case PROP_CPU_TIME:
      g_value_set_int64 (value, pink_syscall_event_get_cpu_time (self));
      break;
    case PROP_INSTRUCTION_POINTER:
      g_value_set_uint64 (value, pink_syscall_event_get_instruction_pointer (self));
      break;
    case PROP_STACK_POINTER:
      g_value_set_uint64 (value, pink_syscall_event_get_stack_pointer (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pink_syscall_event_class_init (PinkSyscallEventClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = pink_syscall_event_dispose;
  object_class->finalize = pink_syscall_event_finalize;
  object_class->get_property = pink_syscall_event_get_property;

  /**
   * PinkSyscallEvent:tracee:
   *
   * Whose call it is.
   *
   * Since: 1.0
   */
  properties[PROP_TRACEE] = g_param_spec_object ("tracee", NULL, NULL, PINK_TYPE_TRACEE, flags);
  /**
   * PinkSyscallEvent:state:
   *
   * Where the call is. Notified only where the object is a row of a #PinkSyscallLog,
   * with #PinkSyscallEvent:return-value and what else the call's end tells.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, PINK_TYPE_SYSCALL_STATE,
                                              PINK_SYSCALL_FINISHED, flags);
  /**
   * PinkSyscallEvent:abi:
   *
   * How this very call was made.
   *
   * Since: 1.0
   */
  properties[PROP_ABI] = g_param_spec_enum ("abi", NULL, NULL, PINK_TYPE_ABI,
                                            PINK_ABI_UNKNOWN, flags);
  /**
   * PinkSyscallEvent:number:
   *
   * The call's number on its ABI; of x32 without the marker bit.
   *
   * Since: 1.0
   */
  properties[PROP_NUMBER] = g_param_spec_uint64 ("number", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  /**
   * PinkSyscallEvent:name:
   *
   * The call's name.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /**
   * PinkSyscallEvent:n-arguments:
   *
   * How many arguments the call takes, 0 to 6.
   *
   * Since: 1.0
   */
  properties[PROP_N_ARGUMENTS] = g_param_spec_uint ("n-arguments", NULL, NULL,
                                                    0, PINK_ARCH_N_REGS, 0, flags);
  /**
   * PinkSyscallEvent:return-value:
   *
   * What the call returned; -1 where it failed.
   *
   * Since: 1.0
   */
  properties[PROP_RETURN_VALUE] = g_param_spec_int64 ("return-value", NULL, NULL,
                                                      G_MININT64, G_MAXINT64, 0, flags);
  /**
   * PinkSyscallEvent:error-code:
   *
   * The errno the call failed with; 0 where it did not.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR_CODE] = g_param_spec_int ("error-code", NULL, NULL, 0, G_MAXINT, 0, flags);
  /**
   * PinkSyscallEvent:error-name:
   *
   * The name of the errno the call failed with; %NULL where it did not.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR_NAME] = g_param_spec_string ("error-name", NULL, NULL, NULL, flags);
  /**
   * PinkSyscallEvent:time:
   *
   * When the call was made: microseconds since 1970, as g_get_real_time() has it.
   *
   * Since: 1.0
   */
  properties[PROP_TIME] = g_param_spec_int64 ("time", NULL, NULL, 0, G_MAXINT64, 0, flags);
  /**
   * PinkSyscallEvent:duration:
   *
   * How long the call ran, in microseconds; -1 before its exit.
   *
   * Since: 1.0
   */
  properties[PROP_DURATION] = g_param_spec_int64 ("duration", NULL, NULL,
                                                  -1, G_MAXINT64, -1, flags);
  /**
   * PinkSyscallEvent:cpu-time:
   *
   * The processor time the call took, in microseconds; -1 where it was not measured.
   *
   * Since: 1.0
   */
  properties[PROP_CPU_TIME] = g_param_spec_int64 ("cpu-time", NULL, NULL,
                                                  -1, G_MAXINT64, -1, flags);
  /**
   * PinkSyscallEvent:instruction-pointer:
   *
   * Where the program made the call.
   *
   * Since: 1.0
   */
  properties[PROP_INSTRUCTION_POINTER] =
    g_param_spec_uint64 ("instruction-pointer", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  /**
   * PinkSyscallEvent:stack-pointer:
   *
   * Where the program's stack was.
   *
   * Since: 1.0
   */
  properties[PROP_STACK_POINTER] =
    g_param_spec_uint64 ("stack-pointer", NULL, NULL, 0, G_MAXUINT64, 0, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
pink_syscall_event_init (PinkSyscallEvent *self)
{
  self->state = PINK_SYSCALL_FINISHED;
  self->stop.row = -1;
  self->stop.cpu_us = -1;
}

PinkSyscallEvent *
_pink_syscall_event_new (PinkTracee     *tracee,
                         const PinkStop *stop)
{
  PinkSyscallEvent *self = g_object_new (PINK_TYPE_SYSCALL_EVENT, NULL);

  self->tracee = g_object_ref (tracee);
  self->stop = *stop;
  self->has_entry = TRUE;
  self->decided = stop->decided;
  self->string_limit = tracee->string_limit;
  self->text_flags = tracee->tracer != NULL ? pink_tracer_get_text_flags (tracee->tracer) : PINK_TEXT_DEFAULT;
  if (stop->row >= 0)
    self->call = pink_arch_syscall ((unsigned) stop->row);
  return self;
}

void
_pink_syscall_event_set_result (PinkSyscallEvent *self,
                                const PinkStop   *stop)
{
  self->stop = *stop;
  self->has_result = TRUE;
  /* Where what was placed has lain. */
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    if (self->placed[i] != NULL)
      _pink_snapshot_replace (self->snapshot, stop->entry.args[i],
                              g_bytes_get_data (self->placed[i], NULL),
                              g_bytes_get_size (self->placed[i]));
  /* What the call was to fill may have been shown as an address before it had. */
  _pink_syscall_event_forget (self, TRUE);
}

void
_pink_syscall_event_notify_end (PinkSyscallEvent *self)
{
  static const int changed[] = {
    PROP_STATE, PROP_ABI, PROP_NUMBER, PROP_NAME, PROP_N_ARGUMENTS, PROP_RETURN_VALUE,
    PROP_ERROR_CODE, PROP_ERROR_NAME, PROP_DURATION, PROP_CPU_TIME,
  };

  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 0; i < G_N_ELEMENTS (changed); i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[changed[i]]);
  g_object_thaw_notify (G_OBJECT (self));
}

void
_pink_syscall_event_set_state (PinkSyscallEvent *self,
                               PinkSyscallState  state)
{
  /* Its tracee may end in a main loop that a handler runs: that is the last word. */
  if (self->state != PINK_SYSCALL_GONE)
    self->state = state;
  if (state != PINK_SYSCALL_ENTRY && state != PINK_SYSCALL_EXIT)
    self->held = FALSE;
}

gboolean
_pink_syscall_event_is_execve (PinkSyscallEvent *self)
{
  return self->call != NULL && (g_str_equal (self->call->name, "execve") ||
                                g_str_equal (self->call->name, "execveat"));
}

PinkArgKind
_pink_syscall_event_kind (PinkSyscallEvent *self,
                          guint             index)
{
  if (self->call == NULL)
    return PINK_ARG_HEX;
  return index < self->call->n_args ? (PinkArgKind) self->call->args[index].kind : PINK_ARG_NONE;
}

/**
 * pink_syscall_event_get_tracee:
 * @self: a system call
 *
 * Gets whose call it is.
 *
 * Returns: (transfer none) (nullable): the tracee; %NULL only in an object that
 *   no tracer made
 *
 * Since: 1.0
 */
PinkTracee *
pink_syscall_event_get_tracee (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  return self->tracee;
}

/**
 * pink_syscall_event_get_state:
 * @self: a system call
 *
 * Gets where the call is.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
PinkSyscallState
pink_syscall_event_get_state (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), PINK_SYSCALL_GONE);

  return self->state;
}

/**
 * pink_syscall_event_get_abi:
 * @self: a system call
 *
 * Gets how this very call was made: a 64-bit program on x86 can make 32-bit
 * calls, one by one.
 *
 * Returns: the ABI
 *
 * Since: 1.0
 */
PinkAbi
pink_syscall_event_get_abi (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), PINK_ABI_UNKNOWN);

  return self->stop.arch != NULL ? (PinkAbi) pink_arch_id (self->stop.arch) : PINK_ABI_UNKNOWN;
}

/**
 * pink_syscall_event_get_number:
 * @self: a system call
 *
 * Gets the call's number on its ABI; of x32 without the marker bit.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
pink_syscall_event_get_number (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), 0);

  return self->stop.entry.number;
}

/**
 * pink_syscall_event_get_name:
 * @self: a system call
 *
 * Gets the call's name. A number that has none gives "syscall_0x1f4"; such
 * calls are emitted without a detail.
 *
 * Returns: (nullable): the name; %NULL only in an object that no tracer made
 *
 * Since: 1.0
 */
const char *
pink_syscall_event_get_name (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  if (self->call != NULL)
    return self->call->name;
  if (self->own_name == NULL && self->has_entry)
    self->own_name = g_strdup_printf ("syscall_0x%" G_GINT64_MODIFIER "x", self->stop.entry.number);
  return self->own_name;
}

/**
 * pink_syscall_event_get_n_arguments:
 * @self: a system call
 *
 * Gets how many arguments the call takes; six where that is not known.
 *
 * Returns: 0 to 6
 *
 * Since: 1.0
 */
guint
pink_syscall_event_get_n_arguments (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), 0);

  if (self->call != NULL)
    return self->call->n_args;
  return self->has_entry ? PINK_ARCH_N_REGS : 0;
}

/**
 * pink_syscall_event_get_argument:
 * @self: a system call
 * @index: which argument, from 0 to 5
 *
 * Gets an argument as it was at the call's entry: the bits of its register, or
 * of the two registers that a 64-bit argument takes on a 32-bit ABI. The bits
 * above an argument's own width may be anything; pink_syscall_event_get_argument_signed()
 * gives the value.
 *
 * JavaScript rounds numbers above 2^53: see pink_syscall_event_get_argument_hex().
 *
 * Returns: the argument
 *
 * Since: 1.0
 */
guint64
pink_syscall_event_get_argument (PinkSyscallEvent *self,
                                 guint             index)
{
  PinkArgKind kind;
  int first;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), 0);
  g_return_val_if_fail (index < PINK_ARCH_N_REGS, 0);

  if (self->call == NULL || index >= self->call->n_args)
    return self->stop.entry.args[index];
  kind = _pink_syscall_event_kind (self, index);
  if (kind == PINK_ARG_LLONG || kind == PINK_ARG_ULLONG)
    return (guint64) pink_syscall_event_get_argument_signed (self, index);
  first = pink_arch_arg_register (self->stop.arch, self->call, index);
  return first >= 0 ? self->stop.entry.args[first] : 0;
}

/**
 * pink_syscall_event_get_argument_signed:
 * @self: a system call
 * @index: which argument, from 0 to 5
 *
 * Gets an argument's value, with the width and the sign of its type: a
 * descriptor of -100 (AT_FDCWD) is -100, however wide its register.
 *
 * Returns: the argument
 *
 * Since: 1.0
 */
gint64
pink_syscall_event_get_argument_signed (PinkSyscallEvent *self,
                                        guint             index)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), 0);
  g_return_val_if_fail (index < PINK_ARCH_N_REGS, 0);

  if (self->call == NULL || index >= self->call->n_args)
    return (gint64) self->stop.entry.args[index];
  return pink_arch_arg_value (self->stop.arch, self->call, index, self->stop.entry.args);
}

/**
 * pink_syscall_event_get_argument_hex:
 * @self: a system call
 * @index: which argument, from 0 to 5
 *
 * Gets an argument as hexadecimal text, which is exact in every language:
 * `BigInt(call.get_argument_hex(0))` in JavaScript.
 *
 * Returns: (transfer full): the argument, such as "0x7ffe4a0"
 *
 * Since: 1.0
 */
char *
pink_syscall_event_get_argument_hex (PinkSyscallEvent *self,
                                     guint             index)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);
  g_return_val_if_fail (index < PINK_ARCH_N_REGS, NULL);

  return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x",
                          pink_syscall_event_get_argument (self, index));
}

/**
 * pink_syscall_event_get_return_value:
 * @self: a system call
 *
 * Gets what the call returned. See also pink_syscall_event_get_error_code().
 *
 * Returns: the value; -1 if the call failed; 0 before its exit
 *
 * Since: 1.0
 */
gint64
pink_syscall_event_get_return_value (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), 0);

  if (!self->has_result)
    return 0;
  return self->stop.exit.is_error ? -1 : self->stop.exit.value;
}

/**
 * pink_syscall_event_get_error_code:
 * @self: a system call
 *
 * Gets the errno the call failed with. A call that a signal interrupts and that
 * will be made again fails with one of the kernel's own, 512 to 516.
 *
 * Returns: a positive number, or 0 if the call has not failed
 *
 * Since: 1.0
 */
int
pink_syscall_event_get_error_code (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), 0);

  return self->has_result && self->stop.exit.is_error ? (int) self->stop.exit.value : 0;
}

/**
 * pink_syscall_event_get_error_name:
 * @self: a system call
 *
 * Gets the name of the errno the call failed with, such as "ENOENT".
 *
 * Returns: (nullable): the name, or %NULL if the call has not failed, or with
 *   a number that has no name
 *
 * Since: 1.0
 */
const char *
pink_syscall_event_get_error_name (PinkSyscallEvent *self)
{
  int code;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  code = pink_syscall_event_get_error_code (self);
  if (code == 0 || self->stop.arch == NULL)
    return NULL;
  return pink_arch_errno_name (self->stop.arch, code);
}

/**
 * pink_syscall_event_get_time:
 * @self: a system call
 *
 * Gets when the call was made: the moment the tracee stopped at its entry.
 *
 * Returns: microseconds since 1970, as g_get_real_time() has it
 *
 * Since: 1.0
 */
gint64
pink_syscall_event_get_time (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), 0);

  return self->stop.real_us;
}

/**
 * pink_syscall_event_get_duration:
 * @self: a system call
 *
 * Gets how long the call ran: from the moment the tracee was let go after the
 * entry (so without the time that handlers took) to the moment it stopped again.
 *
 * Returns: microseconds, or -1 before the call's exit
 *
 * Since: 1.0
 */
gint64
pink_syscall_event_get_duration (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), -1);

  return self->has_result ? (self->stop.returned_ns - self->stop.resumed_ns) / 1000 : -1;
}

/**
 * pink_syscall_event_get_cpu_time:
 * @self: a system call
 *
 * Gets the time that a processor worked in the kernel for the tracee's process
 * from the call's entry to its exit; see #PinkTracer:measure-cpu.
 *
 * Returns: microseconds, or -1 before the call's exit and where it was not measured
 *
 * Since: 1.0
 */
gint64
pink_syscall_event_get_cpu_time (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), -1);

  return self->has_result ? self->stop.cpu_us : -1;
}

/**
 * pink_syscall_event_get_instruction_pointer:
 * @self: a system call
 *
 * Gets the address of the instruction after the one that made the call.
 *
 * Returns: an address in the tracee
 *
 * Since: 1.0
 */
guint64
pink_syscall_event_get_instruction_pointer (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), 0);

  return self->stop.entry.ip;
}

/**
 * pink_syscall_event_get_stack_pointer:
 * @self: a system call
 *
 * Gets where the tracee's stack was at the call's entry.
 *
 * Returns: an address in the tracee
 *
 * Since: 1.0
 */
guint64
pink_syscall_event_get_stack_pointer (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), 0);

  return self->stop.entry.sp;
}
