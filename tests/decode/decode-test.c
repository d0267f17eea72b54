/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The interpreter of arch/decode/ alone, over memory that is made up: other machines'
 * structures, and what a hostile program might have there.
 */
#include <glib.h>
#include <string.h>

#include "pink-decode.h"

#define BASE 0x10000000u

typedef struct
{
  const guint8 *bytes;
  gsize         size;
  guint32       seed; /* 0: only the bytes */
} Memory;

static guint32
next (guint32 *seed)
{
  *seed = *seed * 1664525u + 1013904223u;
  return *seed >> 8;
}

static size_t
read_memory (void     *data,
             uint64_t  address,
             void     *buffer,
             size_t    size)
{
  Memory *self = data;
  gsize left;

  if (self->seed != 0)
    {
      guint8 *bytes = buffer;
      gsize n = next (&self->seed) % 8 == 0 ? next (&self->seed) % (size + 1) : size;

      for (gsize i = 0; i < n; i++)
        bytes[i] = next (&self->seed) % 4 == 0 ? 0 : (guint8) next (&self->seed);
      return n;
    }
  if (address < BASE || address - BASE >= self->size)
    return 0;
  left = self->size - (gsize) (address - BASE);
  memcpy (buffer, self->bytes + (address - BASE), MIN (size, left));
  return MIN (size, left);
}

static char *
decode (PinkDecodeInput *input,
        unsigned         index)
{
  static const PinkTextStyle style;
  PinkTape tape = { 0 };
  PinkText text = { NULL, 0, 0 };
  char *result;

  pink_decode_argument (input, index, &tape);
  pink_text_tape (&text, &tape, input->arch, &style);
  result = g_strndup (text.data != NULL ? text.data : "", text.length);
  pink_text_clear (&text);
  pink_tape_clear (&tape);
  return result;
}

static void
begin (PinkDecodeInput *input,
       PinkArchId       arch,
       const char      *name,
       const uint64_t  *regs,
       Memory          *memory)
{
  memset (input, 0, sizeof *input);
  input->arch = pink_arch_get (arch);
  input->row = pink_arch_syscall_row (name);
  g_assert_cmpint (input->row, >=, 0);
  input->regs = regs;
  input->exited = TRUE;
  input->read = read_memory;
  input->data = memory;
  input->string_limit = 32;
  input->abbreviated = TRUE;
}

static void
test_flags (void)
{
  static const struct { PinkArchId arch; guint64 flags; const char *wanted; } cases[] = {
    { PINK_ARCH_X86_64, 0x80041, "O_WRONLY|O_CREAT|O_CLOEXEC" },
    { PINK_ARCH_MIPS_O32, 0x80101, "O_WRONLY|O_CREAT|O_CLOEXEC" },
    { PINK_ARCH_POWERPC64, 0x4000, "O_RDONLY|O_DIRECTORY" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      uint64_t regs[PINK_ARCH_N_REGS] = { 0, 0, cases[i].flags };
      PinkDecodeInput input;
      g_autofree char *text = NULL;

      begin (&input, cases[i].arch, "openat", regs, NULL);
      input.read = NULL;
      text = decode (&input, 2);
      g_assert_cmpstr (text, ==, cases[i].wanted);
    }
}

/* The same two numbers in four layouts. */
static void
test_timespec (void)
{
  static const guint8 little_64[16] = { 5, 0, 0, 0, 0, 0, 0, 0, 7 };
  static const guint8 big_64[16] = { 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 7 };
  static const guint8 little_32[8] = { 5, 0, 0, 0, 7 };
  static const guint8 big_32[8] = { 0, 0, 0, 5, 0, 0, 0, 7 };
  static const struct { PinkArchId arch; const guint8 *bytes; gsize size; } cases[] = {
    { PINK_ARCH_X86_64, little_64, 16 }, { PINK_ARCH_S390X, big_64, 16 },
    { PINK_ARCH_I386, little_32, 8 }, { PINK_ARCH_POWERPC, big_32, 8 },
    { PINK_ARCH_X32, little_64, 16 }, { PINK_ARCH_MIPS_O32, big_32, 8 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      uint64_t regs[PINK_ARCH_N_REGS] = { BASE };
      Memory memory = { cases[i].bytes, cases[i].size, 0 };
      PinkDecodeInput input;
      g_autofree char *text = NULL;
      g_autofree char *elsewhere = NULL;

      begin (&input, cases[i].arch, "nanosleep", regs, &memory);
      text = decode (&input, 0);
      g_assert_cmpstr (text, ==, "{tv_sec=5, tv_nsec=7}");
      /* One byte of it is missing. */
      memory.size--;
      elsewhere = decode (&input, 0);
      g_assert_cmpstr (elsewhere, ==, "0x10000000");
    }
}

/* The length is an argument of the call, two unions away. */
static void
test_socket_option (void)
{
  static const guint8 bytes[4] = { 1 };
  uint64_t regs[PINK_ARCH_N_REGS] = { 3, 1, 2, BASE, 4 };
  Memory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  begin (&input, PINK_ARCH_X86_64, "setsockopt", regs, &memory);
  name = decode (&input, 2);
  text = decode (&input, 3);
  g_assert_cmpstr (name, ==, "SO_REUSEADDR");
  g_assert_cmpstr (text, ==, "[1]");
}

/* Sixteen bits, of which the highest is no sign. */
static void
test_mode (void)
{
  static const guint8 bytes[256] = { [28] = 0xa4, [29] = 0x81 };
  uint64_t regs[PINK_ARCH_N_REGS] = { 3, 0, 0, 0, BASE };
  Memory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *text = NULL;

  begin (&input, PINK_ARCH_X86_64, "statx", regs, &memory);
  text = decode (&input, 4);
  g_assert_cmpstr (text, ==, "{stx_mask=0, stx_attributes=0, stx_mode=S_IFREG|0644, stx_size=0, ...}");
}

/* It is read at the entry, and written by then. */
static void
test_length (void)
{
  guint8 bytes[4] = { 128 };
  uint64_t regs[PINK_ARCH_N_REGS] = { 3, 0, BASE };
  Memory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  begin (&input, PINK_ARCH_X86_64, "getsockname", regs, &memory);
  input.exited = FALSE;
  before = decode (&input, 2);
  bytes[0] = 16;
  input.exited = TRUE;
  after = decode (&input, 2);
  g_assert_cmpstr (before, ==, "[128]");
  g_assert_cmpstr (after, ==, "[128 => 16]");
}

/* What a call writes is an address until it has, and when it has failed. */
static void
test_written (void)
{
  static const guint8 bytes[8] = { 3, 0, 0, 0, 4 };
  uint64_t regs[PINK_ARCH_N_REGS] = { BASE };
  Memory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *failed = NULL;

  begin (&input, PINK_ARCH_X86_64, "pipe2", regs, &memory);
  g_assert_true (pink_decode_waits (&input, 0));
  after = decode (&input, 0);
  input.failed = TRUE;
  failed = decode (&input, 0);
  input.exited = FALSE;
  before = decode (&input, 0);
  g_assert_cmpstr (after, ==, "[3, 4]");
  g_assert_cmpstr (failed, ==, "0x10000000");
  g_assert_cmpstr (before, ==, "0x10000000");
}

static int
route_protocol (void *data,
                int   fd)
{
  return fd == 3 ? 0 : -1;
}

static bool
name_interface (void     *data,
                unsigned  index,
                char     *buffer,
                size_t    size)
{
  return index == 7 && g_strlcpy (buffer, "eth7", size) < size;
}

/* A message of an address with two attributes and one that says that it was the last,
 * in either byte order. */
static void
check_netlink (PinkArchId  arch,
               gboolean    is_big,
               uint64_t    fd,
               guint32     length,
               const char *expected)
{
  static const guint16 halves[][2] = { { 4, 20 }, { 6, 2 }, { 24, 8 }, { 26, 2 }, { 32, 6 }, { 34, 3 },
                                       { 44, 3 }, { 46, 2 } };
  static const guint32 words[][2] = { { 8, 5 }, { 12, 0xfffffffe }, { 20, 7 }, { 40, 20 }, { 48, 6 } };
  guint8 bytes[60] = { [16] = 2, [17] = 24, [18] = 0x80, [28] = 192, [29] = 0, [30] = 2, [31] = 1,
                       [36] = 'l', [37] = 'o' };
  uint64_t regs[PINK_ARCH_N_REGS] = { fd, BASE, sizeof bytes };
  Memory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (halves); i++)
    {
      guint16 value = is_big ? GUINT16_TO_BE (halves[i][1]) : GUINT16_TO_LE (halves[i][1]);

      memcpy (bytes + halves[i][0], &value, 2);
    }
  for (guint i = 0; i <= G_N_ELEMENTS (words); i++)
    {
      guint32 number = i < G_N_ELEMENTS (words) ? words[i][1] : length;
      guint32 value = is_big ? GUINT32_TO_BE (number) : GUINT32_TO_LE (number);

      memcpy (bytes + (i < G_N_ELEMENTS (words) ? words[i][0] : 0), &value, 4);
    }
  begin (&input, arch, "sendto", regs, &memory);
  input.string_limit = 8;
  input.abbreviated = TRUE;
  input.netlink_protocol = route_protocol;
  input.name_interface = name_interface;
  text = decode (&input, 1);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_netlink (void)
{
  static const char *good =
    "[[{nlmsg_len=40, nlmsg_type=RTM_NEWADDR, nlmsg_flags=NLM_F_MULTI, nlmsg_seq=5, nlmsg_pid=-2}, "
    "{ifa_family=AF_INET, ifa_prefixlen=24, ifa_flags=IFA_F_PERMANENT, ifa_scope=RT_SCOPE_UNIVERSE, "
    "ifa_index=if_nametoindex(\"eth7\")}, "
    "[[{nla_len=8, nla_type=IFA_LOCAL}, inet_addr(\"192.0.2.1\")], "
    "[{nla_len=6, nla_type=IFA_LABEL}, \"lo\"]]], "
    "[{nlmsg_len=20, nlmsg_type=NLMSG_DONE, nlmsg_flags=NLM_F_MULTI, nlmsg_seq=6, nlmsg_pid=0}, 0]]";

  check_netlink (PINK_ARCH_X86_64, FALSE, 3, 40, good);
  check_netlink (PINK_ARCH_S390X, TRUE, 3, 40, good);
  check_netlink (PINK_ARCH_ARM, FALSE, 3, 40, good);
  /* Another descriptor; a length that cannot be one. */
  check_netlink (PINK_ARCH_X86_64, FALSE, 4, 40, "\"(\\0\\0\\0\\24\\0\\2\\0\"...");
  check_netlink (PINK_ARCH_X86_64, FALSE, 3, 4000, "\"\\240\\17\\0\\0\\24\\0\\2\\0\"...");
}

/* Lengths and types that could be and do not fit; a sanitizer sees what is read beyond. */
static void
test_netlink_rubbish (void)
{
  guint32 seed = 5;

  for (guint round = 0; round < 20000; round++)
    {
      gsize size = 16 + next (&seed) % 200;
      g_autofree guint8 *bytes = g_malloc (size);
      uint64_t regs[PINK_ARCH_N_REGS] = { 3, BASE, size };
      Memory memory = { bytes, size, 0 };
      PinkDecodeInput input;
      g_autofree char *text = NULL;

      for (gsize i = 0; i < size; i++)
        bytes[i] = i % 2 != 0 || next (&seed) % 3 == 0 ? 0 : (guint8) (next (&seed) % 64);
      bytes[0] = (guint8) (16 + next (&seed) % size);
      bytes[4] = (guint8) (next (&seed) % 4 != 0 ? 16 + next (&seed) % 20 : next (&seed) % 6);
      begin (&input, next (&seed) % 2 != 0 ? PINK_ARCH_X86_64 : PINK_ARCH_I386, "sendto", regs, &memory);
      input.string_limit = next (&seed) % 40;
      input.abbreviated = next (&seed) % 2 != 0;
      input.netlink_protocol = route_protocol;
      text = decode (&input, 1);
      g_assert_cmpuint (strlen (text), >, 0);
      g_assert_cmpuint (strlen (text), <, 20000);
    }
}

/* Every argument of every call in every ABI, over rubbish: what comes is bounded, and
 * all that was opened is closed again. */
static void
test_rubbish (void)
{
  const char *given = g_getenv ("PINK_FUZZ_ROUNDS");
  guint rounds = given != NULL ? (guint) g_ascii_strtoull (given, NULL, 10) : 1;
  guint32 seed = 11;

  for (guint round = 0; round < rounds; round++)
    for (guint row = 0; row < pink_arch_n_syscalls (); row++)
      for (guint id = 1; pink_arch_get ((PinkArchId) id) != NULL; id += 1 + next (&seed) % 3)
        {
          uint64_t regs[PINK_ARCH_N_REGS];
          Memory memory = { NULL, 0, next (&seed) | 1 };
          PinkDecodeInput input;
          PinkTape tape = { 0 }, aux = { 0 };

          for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
            regs[i] = next (&seed) % 2 == 0 ? next (&seed) % 70
                                            : (guint64) next (&seed) << (next (&seed) % 41);
          begin (&input, (PinkArchId) id, pink_arch_syscall (row)->name, regs, &memory);
          input.row = (int) row;
          input.result = next (&seed) % 2 == 0 ? (gint64) (next (&seed) % 100) : -1 - (gint64) next (&seed);
          input.abbreviated = next (&seed) % 2 == 0;
          input.exited = next (&seed) % 4 != 0;
          input.netlink_protocol = route_protocol;
          input.name_interface = name_interface;
          for (unsigned i = 0; i < pink_arch_syscall (row)->n_args; i++)
            {
              g_autofree char *text = decode (&input, i);

              g_assert_cmpuint (strlen (text), <, 16 * PINK_TAPE_MAX);
              pink_decode_waits (&input, i);
            }
          pink_decode_result (&input, &tape, &aux);
          pink_tape_clear (&tape);
          pink_tape_clear (&aux);
        }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decode/flags", test_flags);
  g_test_add_func ("/decode/timespec", test_timespec);
  g_test_add_func ("/decode/socket-option", test_socket_option);
  g_test_add_func ("/decode/mode", test_mode);
  g_test_add_func ("/decode/length", test_length);
  g_test_add_func ("/decode/written", test_written);
  g_test_add_func ("/decode/netlink", test_netlink);
  g_test_add_func ("/decode/netlink-rubbish", test_netlink_rubbish);
  g_test_add_func ("/decode/rubbish", test_rubbish);
  return g_test_run ();
}
