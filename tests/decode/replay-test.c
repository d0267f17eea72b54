/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Calls that were recorded on other machines, read on this one: stops/README.md tells
 * the form. Each file becomes a log, as pink_syscall_log_save() would have written it
 * there; its rows must have the lines and the data that they had there.
 */
#include "log-util.h"

#include <stdlib.h>
#include <string.h>

#include "pink-decode.h"
#include "recorded.h"

typedef struct
{
  guint64  number;
  guint64  args[PINK_ARCH_N_REGS];
  gint64   result;
  gboolean is_error;
  guint8   before[ARENA_SIZE];
  guint8   after[ARENA_SIZE];
  char    *line;
} Call;

typedef struct
{
  const PinkArch *arch;
  char           *origin;
  gboolean        is_by_hand; /* it has a few calls only */
  guint64         arena;
  GPtrArray      *calls;
} Recording;

static void
call_free (gpointer data)
{
  Call *self = data;

  g_free (self->line);
  g_free (self);
}

static void
recording_free (Recording *self)
{
  g_ptr_array_unref (self->calls);
  g_free (self->origin);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recording, recording_free)

/* ---- reading the text ---- */

static guint64
number (const char *word)
{
  char *end;
  guint64 value;

  g_assert_nonnull (word);
  value = g_ascii_strtoull (word, &end, 0);
  g_assert_true (end > word && *end == '\0');
  return value;
}

static Call *
parse_call (char **words)
{
  Call *call = g_new0 (Call, 1);

  g_assert_cmpuint (g_strv_length (words), ==, 4 + PINK_ARCH_N_REGS);
  call->number = number (words[1]);
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    call->args[i] = number (words[2 + i]);
  call->is_error = g_str_equal (words[2 + PINK_ARCH_N_REGS], "error");
  call->result = g_ascii_strtoll (words[3 + PINK_ARCH_N_REGS], NULL, 10);
  return call;
}

static void
parse_bytes (char   **words,
             guint8  *arena)
{
  guint64 at = number (words[1]);
  gsize length = strlen (words[2]);

  g_assert_cmpuint (length % 2, ==, 0);
  g_assert_cmpuint (at + length / 2, <=, ARENA_SIZE);
  for (gsize i = 0; i < length; i += 2)
    {
      int high = g_ascii_xdigit_value (words[2][i]), low = g_ascii_xdigit_value (words[2][i + 1]);

      g_assert_true (high >= 0 && low >= 0);
      arena[at + i / 2] = (guint8) (high << 4 | low);
    }
}

static const PinkArch *
find_arch (const char *name)
{
  for (guint id = 1; id < PINK_ARCH_N_IDS; id++)
    if (g_str_equal (pink_arch_name (pink_arch_get ((PinkArchId) id)), name))
      return pink_arch_get ((PinkArchId) id);
  g_error ("there is no ABI '%s'", name);
}

static void
parse_line (Recording  *self,
            const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  Call *call = self->calls->len > 0 ? g_ptr_array_index (self->calls, self->calls->len - 1) : NULL;

  if (*line == '\0' || *line == '#')
    return;
  if (g_str_equal (words[0], "recorded") || g_str_equal (words[0], "by-hand"))
    {
      self->arch = find_arch (words[1]);
      self->origin = g_strdup (line);
      self->is_by_hand = g_str_equal (words[0], "by-hand");
    }
  else if (g_str_equal (words[0], "arena"))
    self->arena = number (words[1]);
  else if (g_str_equal (words[0], "call"))
    g_ptr_array_add (self->calls, parse_call (words));
  else if (g_str_equal (words[0], "before"))
    {
      parse_bytes (words, call->before);
      parse_bytes (words, call->after);
    }
  else if (g_str_equal (words[0], "after"))
    parse_bytes (words, call->after);
  else if (g_str_equal (words[0], "line"))
    call->line = g_strdup (line + strlen ("line "));
  else if (!g_str_equal (words[0], "strace"))
    g_error ("not understood: %s", line);
}

static Recording *
recording_read (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "decode", "stops", name, NULL);
  g_autofree char *contents = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  Recording *self = g_new0 (Recording, 1);

  g_file_get_contents (path, &contents, NULL, &error);
  g_assert_no_error (error);
  self->calls = g_ptr_array_new_with_free_func (call_free);
  lines = g_strsplit (contents, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    parse_line (self, *line);
  g_assert_nonnull (self->arch);
  g_assert_cmpuint (self->calls->len, >, 0);
  return self;
}

/* ---- a log of it, in the form that pink-syscall-log-file.c tells ---- */

static void
put (GByteArray *out,
     guint64     value,
     guint       size)
{
  for (guint i = 0; i < size; i++)
    {
      guint8 byte = i < sizeof value ? (guint8) (value >> (8 * i)) : 0;

      g_byte_array_append (out, &byte, 1);
    }
}

typedef struct
{
  guint64       address;
  const guint8 *bytes;
} Arena;

static size_t
read_arena (void     *data,
            uint64_t  address,
            void     *buffer,
            size_t    size)
{
  const Arena *self = data;
  gsize left;

  if (address < self->address || address - self->address >= ARENA_SIZE)
    return 0;
  left = ARENA_SIZE - (gsize) (address - self->address);
  memcpy (buffer, self->bytes + (address - self->address), MIN (size, left));
  return MIN (size, left);
}

/* Lengths that a call reads and then writes, which are kept at its entry. */
static void
put_kept (GByteArray      *out,
          const Recording *self,
          const Call      *call)
{
  Arena arena = { self->arena, call->before };
  PinkDecodeInput input = {
    .arch = self->arch, .row = pink_arch_syscall_index (self->arch, call->number), .regs = call->args,
    .read = read_arena, .data = &arena, .string_limit = 32,
  };

  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    pink_decode_capture (&input, i);
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    if (input.has_kept & (1u << i))
      {
        put (out, i, 8);
        put (out, 0x80000008u, 4);
        put (out, input.kept[i], 8);
      }
}

static void
put_arena (GByteArray      *out,
           const Recording *self,
           const guint8    *bytes)
{
  put (out, self->arena, 8);
  put (out, ARENA_SIZE, 4);
  g_byte_array_append (out, bytes, ARENA_SIZE);
}

static PinkAbi
abi_of (const PinkArch *arch)
{
  for (guint id = 1; id < PINK_ARCH_N_IDS; id++)
    if (pink_arch_get ((PinkArchId) id) == arch)
      return (PinkAbi) id;
  g_assert_not_reached ();
}

static void
put_row (GByteArray      *out,
         const Recording *self,
         const Call      *call)
{
  g_autoptr (GByteArray) before = g_byte_array_new ();

  put_arena (before, self, call->before);
  put_kept (before, self, call);
  put (out, 0, 4); /* the first tracee's */
  put (out, abi_of (self->arch), 1);
  put (out, call->is_error ? 3 : 1, 1);
  put (out, 32, 2);
  put (out, call->number, 8);
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    put (out, call->args[i], 8);
  put (out, 0, 8 * 4); /* the registers of code and stack, and when it was, for how long */
  put (out, (guint64) call->result, 8);
  put (out, 0, 8);
  put (out, before->len, 4);
  put (out, 12 + ARENA_SIZE, 4);
  g_byte_array_append (out, before->data, before->len);
  put_arena (out, self, call->after);
}

static PinkSyscallLog *
make_log (const Recording *self)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  char *folder = test_directory ();
  g_autofree char *path = g_build_filename (folder, "log", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  PinkSyscallLog *log = g_object_new (PINK_TYPE_SYSCALL_LOG, "text-flags", PINK_TEXT_VERBOSE, NULL);
  g_autoptr (GError) error = NULL;

  g_byte_array_append (out, (const guint8 *) "pinklog\n", 8);
  put (out, 1, 4);
  put (out, 0, 8);
  put (out, 1, 4);
  put (out, self->calls->len, 8);
  put (out, 100, 4); /* its tracee: ids, wait status, birth, state, no command */
  put (out, 100, 4);
  put (out, 0, 4);
  put (out, PINK_TRACEE_BIRTH_SPAWN, 1);
  put (out, PINK_TRACEE_EXITED, 1);
  put (out, 0, 2);
  for (guint i = 0; i < self->calls->len; i++)
    put_row (out, self, g_ptr_array_index (self->calls, i));

  g_file_set_contents (path, (const char *) out->data, out->len, &error);
  g_assert_no_error (error);
  pink_syscall_log_load (log, file, NULL, &error);
  g_assert_no_error (error);
  test_directory_remove (folder);
  g_assert_cmpuint (log_count (log), ==, self->calls->len);
  return log;
}

/* ---- lines ---- */

static void
test_lines (gconstpointer data)
{
  g_autoptr (Recording) recording = recording_read (data);
  g_autoptr (PinkSyscallLog) log = make_log (recording);

  g_test_message ("%s", recording->origin);
  for (guint i = 0; i < recording->calls->len; i++)
    {
      const Call *call = g_ptr_array_index (recording->calls, i);
      g_autofree char *line = log_line (log, i);

      g_assert_cmpstr (line, ==, call->line);
    }
}

/* ---- data: what calls.c has put there, whatever the machine ---- */

typedef struct
{
  const char *calls; /* one of these, with spaces around */
  const char *path;  /* argument, and what in it: members, and places in arrays */
  const char *value;
} Wanted;

static const Wanted wanted[] = {
  { " openat ", "2", "O_RDWR|O_CREAT|O_TRUNC|O_LARGEFILE|O_NOFOLLOW|O_CLOEXEC" },
  { " writev ", "1 1 iov_len", "10" },
  { " pwrite64 ", "3", "4294967298" },
  { " utimensat ", "2 1 tv_nsec", "222222222" },
  { " stat fstat fstat64 ", "1 st_size", "1234567" },
  { " newfstatat fstatat64 ", "2 st_mtime", "1000000002" },
  { " fcntl fcntl64 ", "2 l_start", "7" },
  { " ioctl ", "2 ws_col", "80" },
  { " ioctl ", "2 c_lflag", "ISIG|ICANON|ECHO|IEXTEN" },
  { " mprotect ", "2", "PROT_READ|PROT_EXEC|PROT_GROWSDOWN" },
  { " rt_sigaction ", "1 sa_flags", "SA_ONSTACK|SA_RESTART|SA_NODEFER|SA_SIGINFO" },
  { " sigaltstack ", "0 ss_size", "65536" },
  { " nanosleep ", "0 tv_nsec", "1000" },
  { " setitimer ", "1 it_value tv_sec", "117440512" },
  { " epoll_ctl ", "3 events", "EPOLLIN|EPOLLRDHUP|EPOLLET" },
  { " prlimit64 ", "2 rlim_max", "60" },
  { " connect ", "1 sin6_scope_id", "5" },
  { " setsockopt ", "3 tv_usec", "600000" },
  { " sendmsg ", "1 msg_control 0 cmsg_type", "SCM_RIGHTS" },
};

static GVariant *
member (GVariant   *node,
        const char *name)
{
  g_autoptr (GVariant) members = g_variant_lookup_value (node, "struct", G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) elements = g_variant_lookup_value (node, "array", G_VARIANT_TYPE ("aa{sv}"));

  if (members != NULL)
    return g_variant_lookup_value (members, name, G_VARIANT_TYPE_VARDICT);
  if (elements != NULL && g_ascii_isdigit (*name) && number (name) < g_variant_n_children (elements))
    return g_variant_get_child_value (elements, number (name));
  return NULL;
}

/* In words; NULL where it has none. */
static char *
leaf_text (GVariant *node)
{
  g_autofree const char **names = NULL;
  g_autoptr (GVariant) value = NULL;
  const char *name;

  if (g_variant_lookup (node, "names", "^a&s", &names))
    return g_strjoinv ("|", (char **) names);
  if (g_variant_lookup (node, "name", "&s", &name))
    return g_strdup (name);
  value = g_variant_lookup_value (node, "number", NULL);
  return value != NULL ? g_variant_print (value, FALSE) : NULL;
}

static char *
value_at (PinkSyscallEvent *event,
          const char       *path)
{
  g_autoptr (GVariant) all = g_variant_ref_sink (pink_syscall_event_to_variant (event));
  g_autoptr (GVariant) details = g_variant_lookup_value (all, "details", G_VARIANT_TYPE ("aa{sv}"));
  g_auto (GStrv) names = g_strsplit (path, " ", -1);
  g_autoptr (GVariant) node = g_variant_get_child_value (details, number (names[0]));

  for (guint i = 1; names[i] != NULL && node != NULL; i++)
    {
      g_autoptr (GVariant) parent = g_steal_pointer (&node);

      node = member (parent, names[i]);
    }
  return node != NULL ? leaf_text (node) : NULL;
}

/* Of the calls of these names one is as it is wanted. */
static void
look_for (const Recording *recording,
          PinkSyscallLog  *log,
          const Wanted    *one)
{
  g_autoptr (GString) others = g_string_new (NULL);

  for (guint i = 0; i < log_count (log); i++)
    {
      g_autoptr (PinkSyscallEvent) event = log_get (log, i);
      g_autofree char *name = g_strdup_printf (" %s ", pink_syscall_event_get_name (event));
      g_autofree char *value = NULL;

      if (strstr (one->calls, name) == NULL)
        continue;
      value = value_at (event, one->path);
      if (g_strcmp0 (value, one->value) == 0)
        return;
      g_string_append_printf (others, " %s", value);
    }
  if (!recording->is_by_hand || others->len > 0)
    g_error ("%s: %s is nowhere %s, but%s", one->calls, one->path, one->value, others->str);
}

static void
test_data (gconstpointer data)
{
  g_autoptr (Recording) recording = recording_read (data);
  g_autoptr (PinkSyscallLog) log = make_log (recording);

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    look_for (recording, log, &wanted[i]);
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *path = NULL;
  g_autoptr (GDir) folder = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_setenv ("TZ", "UTC", TRUE); /* in which the machines were */
  test_init (&argc, &argv, NULL);
  path = g_test_build_filename (G_TEST_DIST, "decode", "stops", NULL);
  folder = g_dir_open (path, 0, NULL);
  g_assert_nonnull (folder);
  while ((name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_suffix (name, ".txt"))
      {
        g_autofree char *abi = g_strndup (name, strlen (name) - strlen (".txt"));
        g_autofree char *lines = g_strdup_printf ("/replay/%s/lines", abi);
        g_autofree char *values = g_strdup_printf ("/replay/%s/data", abi);

        g_ptr_array_add (names, g_strdup (name));
        test_add_data (lines, g_ptr_array_index (names, names->len - 1), test_lines);
        test_add_data (values, g_ptr_array_index (names, names->len - 1), test_data);
      }
  return g_test_run ();
}
