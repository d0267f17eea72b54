/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The interpreter of arch/decode/ alone, over what a hostile program might have in its
 * memory: what has no end, is too much, or is rubbish.
 */
#include <string.h>

#include "decode-util.h"

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

/* Where strings end before their vector does, a line says where that is. */
static void
test_strings_without_end (void)
{
  static const guint8 bytes[] = { 16, 0, 0, BASE >> 24, 18, 0, 0, BASE >> 24, 0, 0, 0, 0, 0, 0, 0, 0, 'a', 0, 'b', 0 };
  guint8 moved[sizeof bytes];
  uint64_t regs[PINK_ARCH_N_REGS] = { 0, BASE, BASE };
  DecodeMemory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *whole = NULL;
  g_autofree char *cut = NULL;
  g_autofree char *environment = NULL;

  decode_begin (&input, PINK_ARCH_I386, "execve", regs, &memory);
  whole = decode_text (&input, 1);
  g_assert_cmpstr (whole, ==, "[\"a\", \"b\"]");
  /* The texts before the pointers, and nothing behind these. */
  memset (moved, 0, sizeof moved);
  memcpy (moved, "a\0b", 4);
  memcpy (moved + 4, "\0\0\0\x10\2\0\0\x10", 8);
  memory.bytes = moved;
  memory.size = 12;
  regs[1] = regs[2] = BASE + 4;
  cut = decode_text (&input, 1);
  environment = decode_text (&input, 2);
  g_assert_cmpstr (cut, ==, "[\"a\", \"b\", ... /* 0x1000000c */]");
  g_assert_cmpstr (environment, ==, "0x10000004 /* 2 vars, unterminated */");
}

/* What a line has of the bytes between two marks of a tape. */
static char *
slice (PinkDecodeInput *input,
       PinkTape        *tape,
       size_t           begin,
       size_t           end)
{
  static const PinkTextStyle style;
  PinkTape part = { .data = tape->data + begin, .length = end - begin };
  PinkText text = { NULL, 0, 0 };
  char *result;

  pink_text_tape (&text, &part, input->arch, &style);
  result = g_strndup (text.data != NULL ? text.data : "", text.length);
  pink_text_clear (&text);
  return result;
}

/* The arguments of a call share a tape. One of which no more is kept ends as it should, and
 * takes nothing from those behind it. */
static void
test_large_argument (void)
{
  enum { N = 100, ROOM = 64 * 1024 };
  g_autofree guint8 *bytes = g_malloc0 (ROOM);
  uint64_t regs[PINK_ARCH_N_REGS] = { 3, BASE, N };
  DecodeMemory memory = { bytes, ROOM, 0 };
  PinkDecodeInput input;
  PinkTape tape = { 0 };
  size_t marks[4] = { 0 };

  for (guint i = 0; i < N; i++)
    {
      bytes[16 * i + 3] = BASE >> 24;
      bytes[16 * i + 10] = ROOM >> 16;
    }
  decode_begin (&input, PINK_ARCH_X86_64, "writev", regs, &memory);
  input.string_limit = ROOM;
  for (guint i = 0; i < 3; i++)
    {
      pink_decode_argument (&input, i, &tape);
      marks[i + 1] = pink_tape_mark (&tape);
    }
  g_assert_cmpuint (marks[2] - marks[1], >, PINK_TAPE_MAX / 2);
  g_assert_cmpuint (marks[2] - marks[1], <, PINK_TAPE_MAX + ROOM);
  {
    g_autofree char *large = slice (&input, &tape, marks[1], marks[2]);
    g_autofree char *behind = slice (&input, &tape, marks[2], marks[3]);

    g_assert_true (g_str_has_prefix (large, "[{iov_base=\""));
    g_assert_true (g_str_has_suffix (large, "\", iov_len=65536}, {iov_base=...}]"));
    g_assert_cmpstr (behind, ==, "100");
  }
  pink_tape_clear (&tape);
}

/* What could not be read after all makes room for its address. */
static void
test_full_and_taken_back (void)
{
  PinkTape tape = { 0 };
  g_autofree guint8 *bytes = g_malloc0 (PINK_TAPE_MAX);
  size_t mark;

  pink_tape_begin (&tape);
  mark = pink_tape_mark (&tape);
  pink_tape_plain (&tape, PINK_TAPE_ARRAY);
  pink_tape_string (&tape, bytes, PINK_TAPE_MAX, 0);
  g_assert_true (tape.full);
  pink_tape_rewind (&tape, mark);
  pink_tape_value (&tape, PINK_TAPE_ADDRESS, 7);
  g_assert_cmpuint (pink_tape_mark (&tape), >, mark);
  pink_tape_clear (&tape);
}

/* A list of names that is cut stays one: the number in their place, and that there is more. */
static void
test_full_of_names (void)
{
  static const PinkTextStyle style;
  PinkTape tape = { 0 };
  PinkText text = { NULL, 0, 0 };

  pink_tape_plain (&tape, PINK_TAPE_ARRAY);
  pink_tape_value (&tape, PINK_TAPE_FLAGS, 5);
  pink_tape_plain (&tape, PINK_TAPE_MORE);
  pink_tape_plain (&tape, PINK_TAPE_FLAGS_END);
  pink_tape_plain (&tape, PINK_TAPE_END);
  pink_text_tape (&text, &tape, pink_arch_get (PINK_ARCH_X86_64), &style);
  g_assert_cmpstr (text.data, ==, "[0x5, ...]");
  pink_text_clear (&text);
  pink_tape_clear (&tape);
}

/* Lengths and types that could be and do not fit; a sanitizer sees what is read beyond. */
static void
test_netlink_rubbish (void)
{
  guint32 seed = 5;

  for (guint round = 0; round < 20000; round++)
    {
      gsize size = 16 + decode_next (&seed) % 200;
      g_autofree guint8 *bytes = g_malloc (size);
      uint64_t regs[PINK_ARCH_N_REGS] = { 3, BASE, size };
      DecodeMemory memory = { bytes, size, 0 };
      PinkDecodeInput input;
      g_autofree char *text = NULL;

      for (gsize i = 0; i < size; i++)
        bytes[i] = i % 2 != 0 || decode_next (&seed) % 3 == 0 ? 0 : (guint8) (decode_next (&seed) % 64);
      bytes[0] = (guint8) (16 + decode_next (&seed) % size);
      bytes[4] = (guint8) (decode_next (&seed) % 4 != 0 ? 16 + decode_next (&seed) % 20 : decode_next (&seed) % 6);
      decode_begin (&input, decode_next (&seed) % 2 != 0 ? PINK_ARCH_X86_64 : PINK_ARCH_I386, "sendto", regs, &memory);
      input.string_limit = decode_next (&seed) % 40;
      input.abbreviated = decode_next (&seed) % 2 != 0;
      input.netlink_protocol = route_protocol;
      text = decode_text (&input, 1);
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
      for (guint id = 1; pink_arch_get ((PinkArchId) id) != NULL; id += 1 + decode_next (&seed) % 3)
        {
          uint64_t regs[PINK_ARCH_N_REGS];
          DecodeMemory memory = { NULL, 0, decode_next (&seed) | 1 };
          PinkDecodeInput input;
          PinkTape tape = { 0 }, aux = { 0 };

          for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
            regs[i] = decode_next (&seed) % 2 == 0 ? decode_next (&seed) % 70
                                            : (guint64) decode_next (&seed) << (decode_next (&seed) % 41);
          decode_begin (&input, (PinkArchId) id, pink_arch_syscall (row)->name, regs, &memory);
          input.row = (int) row;
          input.result = decode_next (&seed) % 2 == 0 ? (gint64) (decode_next (&seed) % 100) : -1 - (gint64) decode_next (&seed);
          input.abbreviated = decode_next (&seed) % 2 == 0;
          input.exited = decode_next (&seed) % 4 != 0;
          input.netlink_protocol = route_protocol;
          input.name_interface = name_interface;
          input.sp = decode_next (&seed);
          for (unsigned i = 0; i < pink_decode_n_arguments ((int) row); i++)
            {
              g_autofree char *text = decode_text (&input, i);

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
  g_test_add_func ("/decode-hostile/netlink-rubbish", test_netlink_rubbish);
  g_test_add_func ("/decode-hostile/strings-without-end", test_strings_without_end);
  g_test_add_func ("/decode-hostile/large-argument", test_large_argument);
  g_test_add_func ("/decode-hostile/full-and-taken-back", test_full_and_taken_back);
  g_test_add_func ("/decode-hostile/full-of-names", test_full_of_names);
  g_test_add_func ("/decode-hostile/rubbish", test_rubbish);
  return g_test_run ();
}
