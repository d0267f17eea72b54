/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reading and writing a tracee's memory, by each of the ways to it, and what
 * lies there: strings, arrays, socket addresses. The tracee is hostile.
 */
#include "change-util.h"

#include <errno.h>
#include <gio/gnetworking.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <sys/socket.h>

typedef void (*Look) (PinkSyscallEvent *event);

static guint n_looks;

static void
on_call (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          look)
{
  /* changeprog's own output goes out by writev: what else it calls is not ours. */
  n_looks++;
  ((Look) look) (event);
}

static char *
run_looking (const ChangeWay *way,
             const char      *signal,
             Look             look,
             const char      *name,
             const char      *args)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  char *output;

  n_looks = 0;
  g_signal_connect (tracer, signal, G_CALLBACK (on_call), (gpointer) look);
  output = change_run (tracer, way, change_call (way, name, args), NULL);
  g_assert_cmpuint (n_looks, ==, 1);
  return output;
}

#define assert_unreadable(error) \
  G_STMT_START { g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE); \
    g_clear_error (&error); } G_STMT_END

/* ---- strings and bytes ---- */

static void
look_at_string (PinkSyscallEvent *event)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  guint64 address = pink_syscall_event_get_argument (event, 1);
  g_autofree char *string = NULL, *own = NULL, *escaped = NULL;
  g_autoptr (GBytes) bytes = NULL, upper = g_bytes_new ("HELLO", 5);
  GError *error = NULL;

  string = pink_syscall_event_read_string (event, 1, &error);
  g_assert_cmpstr (string, ==, "hello");
  own = pink_tracee_read_string (tracee, address, 100, &error);
  g_assert_cmpstr (own, ==, "hello");
  escaped = pink_tracee_read_string_escaped (tracee, address + 1, 100, &error);
  g_assert_cmpstr (escaped, ==, "ello");
  bytes = pink_tracee_read_memory (tracee, address + 1, 3, &error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "ell", 3);
  g_assert_null (pink_tracee_read_string (tracee, address, 4, &error));
  assert_unreadable (error);
  g_assert_true (pink_tracee_write_memory (tracee, address, upper, &error));
  g_assert_no_error (error);
}

static void
strings (gconstpointer way)
{
  g_autofree char *output = run_looking (way, "syscall-enter::write", look_at_string, "write", "1,@hello,5");

  g_assert_cmpstr (output, ==, "HELLO5 kept\n");
}

static void
write_constant (PinkSyscallEvent *event)
{
  g_autoptr (GBytes) upper = g_bytes_new ("ELL", 3);
  GError *error = NULL;

  g_assert_true (pink_tracee_write_memory (pink_syscall_event_get_tracee (event),
                                           pink_syscall_event_get_argument (event, 1) + 1, upper, &error));
  g_assert_no_error (error);
}

static void
constants (gconstpointer way)
{
  g_autofree char *output = run_looking (way, "syscall-enter::write", write_constant, "write", "1,=hello,5");

  g_assert_cmpstr (output, ==, "hELLo5 kept\n");
}

static void
look_at_end (PinkSyscallEvent *event)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  guint64 address = pink_syscall_event_get_argument (event, 1);
  g_autoptr (GBytes) bytes = NULL, rest = NULL, long_one = g_bytes_new ("abcdefgh", 8);
  GError *error = NULL;

  g_assert_null (pink_syscall_event_read_string (event, 1, &error));
  assert_unreadable (error);
  bytes = pink_syscall_event_read_bytes (event, 1, 100, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "xyz", 3);
  rest = pink_tracee_read_memory (tracee, address + 2, 16 * 1024 * 1024, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (rest, NULL), g_bytes_get_size (rest), "z", 1);
  g_assert_null (pink_tracee_read_memory (tracee, address + 3, 1, &error));
  assert_unreadable (error);
  g_assert_null (pink_tracee_read_string_array (tracee, address, &error));
  assert_unreadable (error);
  g_assert_false (pink_tracee_write_memory (tracee, G_MAXUINT64 - 100, long_one, &error));
  assert_unreadable (error);
  g_assert_null (pink_tracee_read_memory (tracee, address, 16 * 1024 * 1024 + 1, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
}

static void
ends (gconstpointer way)
{
  g_autofree char *output = run_looking (way, "syscall-enter::write", look_at_end, "write", "99,^xyz,3");

  change_assert_kept (output, -EBADF);
}

static void
look_nowhere (PinkSyscallEvent *event)
{
  const guint64 addresses[] = { 0, 1, 0xfff, 0x800000000000, 0x7fffffffffff, 0xffff800000000000,
                                G_MAXUINT64, G_MAXUINT64 - 7, G_MAXINT64 };
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  g_autofree char *text = NULL;
  GError *error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_assert_null (pink_tracee_read_string (tracee, addresses[i], 100, &error));
      assert_unreadable (error);
      g_assert_null (pink_tracee_read_string_array (tracee, addresses[i], &error));
      assert_unreadable (error);
      g_assert_null (pink_tracee_read_memory (tracee, addresses[i], 100, &error));
      assert_unreadable (error);
    }
  /* What shows the call can make nothing of it either. */
  text = pink_syscall_event_to_string (event);
  g_assert_nonnull (text);
}

static void
nowhere (gconstpointer way)
{
  g_autofree char *output = run_looking (way, "syscall-enter::mkdirat", look_nowhere, "mkdirat", "-100,-1,0");

  change_assert_kept (output, -EFAULT);
}

/* ---- arrays ---- */

static void
look_at_array (PinkSyscallEvent *event)
{
  g_auto (GStrv) strings = NULL, escaped = NULL;
  GError *error = NULL;

  strings = pink_tracee_read_string_array (pink_syscall_event_get_tracee (event),
                                           pink_syscall_event_get_argument (event, 1), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (strings), ==, 3);
  g_assert_cmpstr (strings[0], ==, "one");
  g_assert_cmpstr (strings[2], ==, "");
  escaped = pink_syscall_event_read_string_array_escaped (event, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (escaped), ==, 3);
  g_assert_cmpstr (escaped[1], ==, "t\\\\wo");
}

static void
arrays (gconstpointer way)
{
  g_autofree char *output = run_looking (way, "syscall-enter::write", look_at_array, "write",
                                         "99,[@one;@t\\wo;@;0,3");

  change_assert_kept (output, -EBADF);
}

/* Where the task reads word by word for us, each string is a way there and back. */
static gboolean
is_by_words (void)
{
  return g_strcmp0 (g_getenv ("PINKTRACE_FORCE"), "words") == 0;
}

static void
look_at_many (PinkSyscallEvent *event)
{
  g_auto (GStrv) strings = NULL;
  GError *error = NULL;

  strings = pink_tracee_read_string_array (pink_syscall_event_get_tracee (event),
                                           pink_syscall_event_get_argument (event, 1), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (strings), ==, is_by_words () ? 1000 : 65536);
}

static void
many (gconstpointer way)
{
  g_autofree char *output = run_looking (way, "syscall-enter::write", look_at_many, "write",
                                         is_by_words () ? "99,*1000@x,3" : "99,*1000000@x,3");

  change_assert_kept (output, -EBADF);
}

/* ---- descriptors ---- */

static void
look_at_descriptor (PinkSyscallEvent *event)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  g_autofree char *path = NULL, *escaped = NULL;
  GError *error = NULL;

  if (pink_syscall_event_get_return_value (event) < 0)
    {
      n_looks--;
      return;
    }
  path = pink_tracee_read_descriptor (tracee, (int) pink_syscall_event_get_return_value (event), &error);
  g_assert_no_error (error);
  if (g_strcmp0 (path, "/dev/null") != 0)
    {
      n_looks--; /* a library of the program's own */
      return;
    }
  escaped = pink_tracee_read_descriptor_escaped (tracee, 99, &error);
  g_assert_null (escaped);
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
}

static void
descriptors (gconstpointer way)
{
  g_autofree char *output = run_looking (way, "syscall-exit::openat", look_at_descriptor, "openat",
                                         "-100,@/dev/null,0");

  g_assert_true (g_str_has_suffix (output, " kept\n"));
}

/* ---- socket addresses ---- */

typedef struct
{
  const char *bytes; /* hexadecimal */
  const char *length;
  const char *expected; /* NULL: an error */
} SocketCase;

static const SocketCase socket_cases[] = {
  { "020000507f000001" "0000000000000000", "16", "inet 127.0.0.1:80" },
  { "0a000050" "00000000" "fe800000000000000000000000000001" "07000000", "28", "inet fe80::1%7:80" },
  { "01002f746d702f7300", "9", "path /tmp/s" },
  { "01002f746d702f73", "8", "path /tmp/s" },
  { "010000616200", "6", "abstract ab." },
  { "0100", "2", "anonymous" },
  { "1000000001000000" "02000000", "12", "native 16" },
  { "ff7f0102", "4", "native 32767" },
  { "0200", "2", "native 2" },      /* too short for what it says */
  { "02", "1", NULL },
  { "02", "0", NULL },
  { "02", "-1", NULL },
  { "020000507f000001" "0000000000000000", "0x7fffffff", "inet 127.0.0.1:80" },
};

static const SocketCase *socket_case;

/* As this machine has the family, and the scope of an IPv6 address. */
static char *
own_order (const char *hex)
{
  char *bytes = g_strdup (hex);

#if G_BYTE_ORDER == G_BIG_ENDIAN
  if (strlen (hex) >= 4)
    {
      memcpy (bytes, hex + 2, 2);
      memcpy (bytes + 2, hex, 2);
    }
  if (strlen (hex) == 56)
    memcpy (bytes + 48, "00000007", 8);
#endif
  return bytes;
}

static char *
text_of (GSocketAddress *address)
{
  if (G_IS_INET_SOCKET_ADDRESS (address))
    {
      GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (address);
      g_autofree char *host = g_inet_address_to_string (g_inet_socket_address_get_address (inet));

      if (g_socket_address_get_family (address) == G_SOCKET_FAMILY_IPV6)
        return g_strdup_printf ("inet %s%%%u:%u", host, g_inet_socket_address_get_scope_id (inet),
                                g_inet_socket_address_get_port (inet));
      return g_strdup_printf ("inet %s:%u", host, g_inet_socket_address_get_port (inet));
    }
  if (G_IS_UNIX_SOCKET_ADDRESS (address))
    {
      GUnixSocketAddress *local = G_UNIX_SOCKET_ADDRESS (address);
      g_autofree char *path = g_strndup (g_unix_socket_address_get_path (local),
                                         g_unix_socket_address_get_path_len (local));

      switch (g_unix_socket_address_get_address_type (local))
        {
        case G_UNIX_SOCKET_ADDRESS_ANONYMOUS:
          return g_strdup ("anonymous");
        case G_UNIX_SOCKET_ADDRESS_ABSTRACT:
          /* Its name may have any bytes in it. */
          return g_strdup_printf ("abstract %s%s", path,
                                  g_unix_socket_address_get_path_len (local) > strlen (path) ? "." : "");
        default:
          return g_strdup_printf ("path %s", path);
        }
    }
  return g_strdup_printf ("native %d", g_socket_address_get_family (address));
}

static void
look_at_address (PinkSyscallEvent *event)
{
  g_autoptr (GSocketAddress) address = NULL;
  g_autofree char *text = NULL;
  GError *error = NULL;

  address = pink_syscall_event_read_socket_address (event, &error);
  if (socket_case->expected == NULL)
    {
      g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
      return;
    }
  g_assert_no_error (error);
  text = text_of (address);
  g_assert_cmpstr (text, ==, socket_case->expected);
}

static void
socket_addresses (gconstpointer way)
{
  for (guint i = 0; i < G_N_ELEMENTS (socket_cases); i++)
    {
      g_autofree char *bytes = own_order (socket_cases[i].bytes), *args = NULL, *output = NULL;

      socket_case = &socket_cases[i];
      args = g_strdup_printf ("99,%%%s,%s", bytes, socket_case->length);
      output = run_looking (way, "syscall-enter::connect", look_at_address, "connect", args);
    }
}

static void
through_socketcall (gconstpointer data)
{
  const ChangeWay *way = data;

  if (pink_syscall_from_name (way->abi, "socketcall") < 0)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (socket_cases); i++)
    {
      g_autofree char *bytes = own_order (socket_cases[i].bytes), *args = NULL, *output = NULL;

      socket_case = &socket_cases[i];
      args = g_strdup_printf ("3,[99;%%%s;%s", bytes, socket_case->length);
      output = run_looking (way, "syscall-enter::socketcall", look_at_address, "socketcall", args);
    }
}

static void
in_a_message (gconstpointer data)
{
  const ChangeWay *way = data;

  for (guint i = 0; i < 7; i++)
    {
      g_autofree char *bytes = own_order (socket_cases[i].bytes), *args = NULL, *output = NULL;
      guint64 length = g_ascii_strtoull (socket_cases[i].length, NULL, 0);

      /* An int, and four bytes that nobody looks at. */
      if (G_BYTE_ORDER == G_BIG_ENDIAN && pink_abi_get_word_size (way->abi) == 8)
        length <<= 32;
      socket_case = &socket_cases[i];
      args = g_strdup_printf ("99,[%%%s;%" G_GUINT64_FORMAT ";0;0;0;0;0,0", bytes, length);
      output = run_looking (way, "syscall-enter::sendmsg", look_at_address, "sendmsg", args);
    }
}

static void
look_for_none (PinkSyscallEvent *event)
{
  GError *error = NULL;

  g_assert_null (pink_syscall_event_read_socket_address (event, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
}

static void
no_address (gconstpointer way)
{
  g_autofree char *output = run_looking (way, "syscall-enter::write", look_for_none, "write", "99,@x,1");

  change_assert_kept (output, -EBADF);
}

static void
look_too_early (PinkSyscallEvent *event)
{
  GError *error = NULL;

  g_assert_null (pink_syscall_event_read_socket_address (event, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  g_clear_error (&error);
}

static void
own_address (gconstpointer data)
{
  const ChangeWay *way = data;
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;
  /* Of one's own: all processes of the machine share these names. */
  g_autofree char *name = g_strdup_printf ("%08x", (guint) getpid ());
  g_autofree char *expected = g_strdup_printf ("abstract %s", name);
  g_autofree char *hex = g_strdup_printf ("010000%02x%02x%02x%02x%02x%02x%02x%02x", name[0], name[1], name[2],
                                          name[3], name[4], name[5], name[6], name[7]);
  g_autofree char *bytes = own_order (hex);
  g_autofree char *bind = g_strdup_printf ("$0,%%%s,11", bytes);
  const SocketCase bound = { NULL, NULL, expected };
  const char *length = G_BYTE_ORDER == G_BIG_ENDIAN ? "$0,%00,%00000080" : "$0,%00,%80000000";

  socket_case = &bound;
  n_looks = 0;
  g_signal_connect (tracer, "syscall-enter::getsockname", G_CALLBACK (on_call), (gpointer) look_too_early);
  g_signal_connect (tracer, "syscall-exit::getsockname", G_CALLBACK (on_call), (gpointer) look_at_address);
  output = change_run (tracer, way, change_call (way, "socket", "1,1,0"),
                       change_call (way, "bind", bind), change_call (way, "getsockname", length), NULL);
  g_assert_cmpuint (n_looks, ==, 2);
  g_assert_true (g_str_has_suffix (output, "\n0 kept\n0 kept\n"));
}

static void
names (void)
{
  g_assert_cmpstr (pink_socket_family_name (0), ==, "AF_UNSPEC");
  g_assert_cmpstr (pink_socket_family_name (AF_NETLINK), ==, "AF_NETLINK");
  g_assert_cmpstr (pink_socket_family_name (AF_VSOCK), ==, "AF_VSOCK");
  g_assert_null (pink_socket_family_name (-1));
  g_assert_null (pink_socket_family_name (10000));
  for (int i = 0; pink_socket_family_name (i) != NULL; i++)
    g_assert_cmpint (pink_socket_family_from_name (pink_socket_family_name (i)), ==, i);
  g_assert_cmpint (pink_socket_family_from_name ("AF_LOCAL"), ==, AF_UNIX);
  g_assert_cmpint (pink_socket_family_from_name ("AF_NONE"), ==, -1);
  g_assert_cmpstr (pink_socket_subcall_name (3), ==, "connect");
  g_assert_cmpint (pink_socket_subcall_from_name ("sendmmsg"), ==, 20);
  g_assert_cmpint (pink_socket_subcall_from_name ("read"), ==, -1);
  g_assert_null (pink_socket_subcall_name (0));
  g_assert_null (pink_socket_subcall_name (21));
}

/* ---- a tracee that makes itself unreadable ---- */

static void
look_when_hidden (PinkSyscallEvent *event)
{
  g_autofree char *string = NULL;
  GError *error = NULL;

  string = pink_syscall_event_read_string (event, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (string, ==, "/dev/null");
}

static int
hidden_helper (int    argc,
               char **argv)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;
  const ChangeWay *way = &change_ways ()[0];

  test_become_nobody ();
  n_looks = 0;
  g_signal_connect (tracer, "syscall-enter::chdir", G_CALLBACK (on_call), (gpointer) look_when_hidden);
  output = change_run (tracer, way, change_call (way, "prctl", "4,0"), /* PR_SET_DUMPABLE */
                       change_call (way, "chdir", "@/dev/null"), NULL);
  g_assert_cmpuint (n_looks, ==, 1);
  return 0;
}

static void
hidden (void)
{
  /* PEEKDATA is refused there: nothing is left without the descriptor. */
  if (g_strcmp0 (g_getenv ("PINKTRACE_FORCE"), "words") != 0)
    test_helper_run ("hidden", NULL);
}

static const TestHelperDef helpers[] = { { "hidden", hidden_helper }, { NULL, NULL } };

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, helpers);
  change_add ("/reading/strings", strings);
  change_add ("/reading/constants", constants);
  change_add ("/reading/ends", ends);
  change_add ("/reading/nowhere", nowhere);
  change_add ("/reading/arrays", arrays);
  change_add ("/reading/many", many);
  change_add ("/reading/descriptors", descriptors);
  change_add ("/reading/socket/all", socket_addresses);
  change_add ("/reading/socket/socketcall", through_socketcall);
  change_add ("/reading/socket/message", in_a_message);
  change_add ("/reading/socket/none", no_address);
  change_add ("/reading/socket/own", own_address);
  test_add ("/reading/socket/names", names);
  test_add ("/reading/hidden", hidden);
  return g_test_run ();
}
