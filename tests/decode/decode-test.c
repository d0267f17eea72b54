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

/* Bytes from their text: "3*00 80" is three zeros and 128. */
static GByteArray *
bytes_of (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  GByteArray *bytes = g_byte_array_new ();

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *star = strchr (words[i], '*');
      guint64 n = star != NULL ? g_ascii_strtoull (words[i], NULL, 10) : 1;
      guint8 byte = (guint8) g_ascii_strtoull (star != NULL ? star + 1 : words[i], NULL, 16);

      while (words[i][0] != '\0' && n-- > 0)
        g_byte_array_append (bytes, &byte, 1);
    }
  return bytes;
}

/* What is at a call's argument, or its stack pointer; and that without the last byte it is
 * not shown. */
static const struct { PinkArchId arch; const char *call; guint argument; guint64 args[6]; const char *bytes; const char *wanted; } layouts[] = {
  { PINK_ARCH_X86_64, "rt_sigreturn", 0, { 0 }, "296*00 00 08 6*00", "{mask=[USR2]}" },
  { PINK_ARCH_X32, "rt_sigreturn", 0, { 0 }, "280*00 00 08 6*00", "{mask=[USR2]}" },
  { PINK_ARCH_I386, "rt_sigreturn", 0, { 0 }, "248*00 00 08 6*00", "{mask=[USR2]}" },
  { PINK_ARCH_ARM, "rt_sigreturn", 0, { 0 }, "232*00 00 08 6*00", "{mask=[USR2]}" },
  { PINK_ARCH_AARCH64, "rt_sigreturn", 0, { 0 }, "168*00 00 08 6*00", "{mask=[USR2]}" },
  { PINK_ARCH_S390X, "rt_sigreturn", 0, { 0 }, "680*00 6*00 08 00", "{mask=[USR2]}" },
  { PINK_ARCH_POWERPC64, "rt_sigreturn", 0, { 0 }, "40*00 6*00 08 00", "{mask=[USR2]}" },
  { PINK_ARCH_POWERPC, "rt_sigreturn", 0, { 0 }, "260*00 2*00 08 00 3*00 01", "{mask=[USR2 RT_1]}" },
  { PINK_ARCH_MIPS_O32, "rt_sigreturn", 0, { 0 }, "768*00 2*00 08 00 12*00", "{mask=[SYS]}" },
  { PINK_ARCH_MIPS_N32, "rt_sigreturn", 0, { 0 }, "776*00 2*00 08 00 12*00", "{mask=[SYS]}" },
  { PINK_ARCH_MIPS_N64, "rt_sigreturn", 0, { 0 }, "792*00 6*00 08 00 8*00", "{mask=[SYS]}" },
  { PINK_ARCH_MIPSEL_O32, "rt_sigreturn", 0, { 0 }, "768*00 00 08 14*00", "{mask=[SYS]}" },
  { PINK_ARCH_MIPSEL_N64, "rt_sigreturn", 0, { 0 }, "792*00 00 08 14*00", "{mask=[SYS]}" },
  { PINK_ARCH_I386, "sigreturn", 0, { 0 }, "80*00 00 08 2*00 628*00 01 3*00", "{mask=[USR2 RT_1]}" },
  { PINK_ARCH_ARM, "sigreturn", 0, { 0 }, "104*00 00 08 6*00", "{mask=[USR2]}" },
  { PINK_ARCH_POWERPC, "sigreturn", 0, { 0 }, "76*00 3*00 01 8*00 2*00 08 00", "{mask=[USR2 RT_1]}" },
  { PINK_ARCH_S390X, "sigreturn", 0, { 0 }, "160*00 6*00 08 00", "{mask=[USR2]}" },
  /* Bits are counted from where the byte order begins. */
  { PINK_ARCH_S390X, "perf_event_open", 0, { BASE },
    "4*00 3*00 40 8*00 7*00 05 8*00 8*00 80 20 80 5*00 8*00 7*00 09",
    "{type=PERF_TYPE_HARDWARE, size=PERF_ATTR_SIZE_VER0, config=PERF_COUNT_HW_CPU_CYCLES, sample_freq=5, "
    "sample_type=0, read_format=0, disabled=1, freq=1, precise_ip=1 /* constant skid */, ...}" },
  { PINK_ARCH_POWERPC, "bpf", 1, { 0, BASE, 16 }, "3*00 01 3*00 02 3*00 03 3*00 04",
    "{map_type=BPF_MAP_TYPE_HASH, key_size=2, value_size=3, max_entries=4}" },
  { PINK_ARCH_ARM, "bpf", 1, { 3, BASE, 16 }, "05 3*00 4*00 07 7*00", "{map_fd=5, key=0x7}" },
  { PINK_ARCH_I386, "bpf", 1, { 3, BASE, 16 }, "05 3*00 4*00 07 3*00 01 3*00", "{map_fd=5, key=0x100000007}" },
  { PINK_ARCH_POWERPC64, "io_uring_register", 2, { 7, 2, BASE, 2 }, "3*00 01 3*00 02", "[1, 2]" },
};

static void
test_layouts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_of (layouts[i].bytes);
      Memory memory = { bytes->data, bytes->len, 0 };
      PinkDecodeInput input;
      g_autofree char *text = NULL;
      g_autofree char *elsewhere = NULL;

      g_test_message ("%s of %s", layouts[i].call, pink_arch_name (pink_arch_get (layouts[i].arch)));
      begin (&input, layouts[i].arch, layouts[i].call, layouts[i].args, &memory);
      input.sp = BASE;
      input.failed = TRUE;
      text = decode (&input, layouts[i].argument);
      g_assert_cmpstr (text, ==, layouts[i].wanted);
      memory.size--;
      elsewhere = decode (&input, layouts[i].argument);
      g_assert_cmpstr (elsewhere, !=, layouts[i].wanted);
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
          input.sp = next (&seed);
          for (unsigned i = 0; i < pink_decode_n_arguments ((int) row); i++)
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
  g_test_add_func ("/decode/layouts", test_layouts);
  g_test_add_func ("/decode/rubbish", test_rubbish);
  return g_test_run ();
}
