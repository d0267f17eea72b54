/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <pinktrace-glib/pink-abi.h>

G_BEGIN_DECLS

#define PINK_TYPE_SYSCALL_EVENT (pink_syscall_event_get_type ())
PINK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PinkSyscallEvent, pink_syscall_event, PINK, SYSCALL_EVENT, GObject)

/**
 * PinkSyscallState:
 * @PINK_SYSCALL_ENTRY: the tracee is stopped before the call: arguments can be read
 * @PINK_SYSCALL_RUNNING: the call runs, or has returned without anybody asking for its exit
 * @PINK_SYSCALL_EXIT: the tracee is stopped after the call: the result can be read
 * @PINK_SYSCALL_FINISHED: the tracee has gone on after the call; the event is a record
 * @PINK_SYSCALL_GONE: the tracee ended before the call did
 *
 * Where a system call is.
 *
 * Since: 1.0
 */
typedef enum
{
  PINK_SYSCALL_ENTRY,
  PINK_SYSCALL_RUNNING,
  PINK_SYSCALL_EXIT,
  PINK_SYSCALL_FINISHED,
  PINK_SYSCALL_GONE
} PinkSyscallState;

/**
 * PinkTextFlags:
 * @PINK_TEXT_DEFAULT: names for flags, the main members of structures, strings as text
 * @PINK_TEXT_VERBOSE: all members of structures, and all elements of arrays
 * @PINK_TEXT_ADDRESSES: structures by their address
 * @PINK_TEXT_RAW: every argument and the result as a hexadecimal number; for a text
 *   nothing is read then
 * @PINK_TEXT_NUMBERS: numbers for flags and constants, not their names
 * @PINK_TEXT_BOTH: their numbers, and their names behind them as a comment
 * @PINK_TEXT_HEX_UNUSUAL: strings with other bytes than printable ASCII as `\x..`
 * @PINK_TEXT_HEX: all strings so
 * @PINK_TEXT_DESCRIPTORS: descriptors with what they refer to: `3</etc/passwd>`
 * @PINK_TEXT_DESCRIPTOR_DETAILS: the same, with the addresses of sockets and the numbers
 *   of devices: `3<TCP:[127.0.0.1:41832->127.0.0.1:80]>`
 *
 * How the texts of a system call are written, see pink_tracer_set_text_flags().
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  PINK_TEXT_DEFAULT            = 0,
  PINK_TEXT_VERBOSE            = 1 << 0,
  PINK_TEXT_ADDRESSES          = 1 << 1,
  PINK_TEXT_RAW                = 1 << 2,
  PINK_TEXT_NUMBERS            = 1 << 3,
  PINK_TEXT_BOTH               = 1 << 4,
  PINK_TEXT_HEX_UNUSUAL        = 1 << 5,
  PINK_TEXT_HEX                = 1 << 6,
  PINK_TEXT_DESCRIPTORS        = 1 << 7,
  PINK_TEXT_DESCRIPTOR_DETAILS = 1 << 8
} PinkTextFlags;

PINK_AVAILABLE_IN_1_0
PinkTextFlags     pink_syscall_event_get_text_flags            (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
void              pink_syscall_event_set_text_flags            (PinkSyscallEvent  *self,
                                                                PinkTextFlags      flags);

PINK_AVAILABLE_IN_1_0
PinkTracee       *pink_syscall_event_get_tracee                (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
PinkSyscallState  pink_syscall_event_get_state                 (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
PinkAbi           pink_syscall_event_get_abi                   (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
guint64           pink_syscall_event_get_number                (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
const char       *pink_syscall_event_get_name                  (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
guint             pink_syscall_event_get_n_arguments           (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
guint64           pink_syscall_event_get_argument              (PinkSyscallEvent  *self,
                                                                guint              index);
PINK_AVAILABLE_IN_1_0
gint64            pink_syscall_event_get_argument_signed       (PinkSyscallEvent  *self,
                                                                guint              index);
PINK_AVAILABLE_IN_1_0
char             *pink_syscall_event_get_argument_hex          (PinkSyscallEvent  *self,
                                                                guint              index);
PINK_AVAILABLE_IN_1_0
char             *pink_syscall_event_get_argument_text         (PinkSyscallEvent  *self,
                                                                guint              index);
PINK_AVAILABLE_IN_1_0
gint64            pink_syscall_event_get_return_value          (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
int               pink_syscall_event_get_error_code            (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
const char       *pink_syscall_event_get_error_name            (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
gint64            pink_syscall_event_get_time                  (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
gint64            pink_syscall_event_get_duration              (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
gint64            pink_syscall_event_get_cpu_time              (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
guint64           pink_syscall_event_get_instruction_pointer   (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
guint64           pink_syscall_event_get_stack_pointer         (PinkSyscallEvent  *self);

PINK_AVAILABLE_IN_1_0
char             *pink_syscall_event_read_string               (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
char             *pink_syscall_event_read_string_escaped       (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
char             *pink_syscall_event_read_path                 (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
char             *pink_syscall_event_read_path_escaped         (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
GFile            *pink_syscall_event_read_file                 (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_has_path                  (PinkSyscallEvent  *self,
                                                                const char        *pattern);
PINK_AVAILABLE_IN_1_0
GSocketAddress   *pink_syscall_event_read_socket_address       (PinkSyscallEvent  *self,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
GBytes           *pink_syscall_event_read_bytes                (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                gsize              length,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
char            **pink_syscall_event_read_string_array         (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
char            **pink_syscall_event_read_string_array_escaped (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                GError           **error);

PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_allow                     (PinkSyscallEvent  *self,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_deny                      (PinkSyscallEvent  *self,
                                                                int                number,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_deny_by_name              (PinkSyscallEvent  *self,
                                                                const char        *name,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_deny_value                (PinkSyscallEvent  *self,
                                                                const GValue      *value,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_is_decided                (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_is_delayed                (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_hold                      (PinkSyscallEvent  *self,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_release                   (PinkSyscallEvent  *self,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_set_number                (PinkSyscallEvent  *self,
                                                                guint64            number,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_set_name                  (PinkSyscallEvent  *self,
                                                                const char        *name,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_set_argument              (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                guint64            value,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_set_argument_signed       (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                gint64             value,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_set_argument_string       (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                const char        *string,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_set_argument_bytes        (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                GBytes            *bytes,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_set_argument_hex          (PinkSyscallEvent  *self,
                                                                guint              index,
                                                                const char        *text,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_set_return_value          (PinkSyscallEvent  *self,
                                                                gint64             value,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_set_error                 (PinkSyscallEvent  *self,
                                                                int                number,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_set_error_by_name         (PinkSyscallEvent  *self,
                                                                const char        *name,
                                                                GError           **error);
PINK_AVAILABLE_IN_1_0
gboolean          pink_syscall_event_set_error_value           (PinkSyscallEvent  *self,
                                                                const GValue      *value,
                                                                GError           **error);

PINK_AVAILABLE_IN_1_0
char             *pink_syscall_event_to_string                 (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
char             *pink_syscall_event_get_begun_text            (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
char             *pink_syscall_event_get_call_text             (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
char             *pink_syscall_event_get_result_text           (PinkSyscallEvent  *self);
PINK_AVAILABLE_IN_1_0
GVariant         *pink_syscall_event_to_variant                (PinkSyscallEvent  *self);

G_END_DECLS
