/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The interpreter of arch/decode/ alone, over memory that is made up: other machines'
 * structures.
 */
#include <string.h>

#include "decode-util.h"

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

      decode_begin (&input, cases[i].arch, "openat", regs, NULL);
      input.read = NULL;
      text = decode_text (&input, 2);
      g_assert_cmpstr (text, ==, cases[i].wanted);
    }
}

/* A name of -1 is one of an int, whatever the register has above it; and what has no name is
 * told at the width of the argument. */
static void
test_negative_names (void)
{
  static const struct { const char *call; guint argument; guint64 value; const char *wanted; } cases[] = {
    { "getrusage", 0, 0xffffffff, "RUSAGE_CHILDREN" },
    { "getrusage", 0, 0xfffffffffffffffe, "RUSAGE_BOTH" },
    { "getrusage", 0, 0xffffff85, "0xffffff85 /* RUSAGE_??? */" },
    { "sched_get_priority_max", 0, 0xffffff85, "0xffffff85 /* SCHED_??? */" },
    { "sched_setscheduler", 1, 0xffffffffffffff85, "0xffffff85 /* SCHED_??? */" },
    { "add_key", 4, 0xffffffff, "KEY_SPEC_THREAD_KEYRING" },
    { "add_key", 4, 0xffffff85, "-123" },
    { "mount", 3, 0x80000000, "MS_NOUSER" },
  };
  static const PinkArchId archs[] = { PINK_ARCH_X86_64, PINK_ARCH_I386, PINK_ARCH_POWERPC64, PINK_ARCH_MIPS_N32 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint k = 0; k < G_N_ELEMENTS (archs); k++)
      {
        uint64_t regs[PINK_ARCH_N_REGS] = { 0 };
        PinkDecodeInput input;
        g_autofree char *text = NULL;

        regs[cases[i].argument] = cases[i].value;
        decode_begin (&input, archs[k], cases[i].call, regs, NULL);
        input.read = NULL;
        text = decode_text (&input, cases[i].argument);
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
      DecodeMemory memory = { cases[i].bytes, cases[i].size, 0 };
      PinkDecodeInput input;
      g_autofree char *text = NULL;
      g_autofree char *elsewhere = NULL;

      decode_begin (&input, cases[i].arch, "nanosleep", regs, &memory);
      text = decode_text (&input, 0);
      g_assert_cmpstr (text, ==, "{tv_sec=5, tv_nsec=7}");
      /* One byte of it is missing. */
      memory.size--;
      elsewhere = decode_text (&input, 0);
      g_assert_cmpstr (elsewhere, ==, "0x10000000");
    }
}

/* The length is an argument of the call, two unions away. */
static void
test_socket_option (void)
{
  static const guint8 bytes[4] = { 1 };
  uint64_t regs[PINK_ARCH_N_REGS] = { 3, 1, 2, BASE, 4 };
  DecodeMemory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  decode_begin (&input, PINK_ARCH_X86_64, "setsockopt", regs, &memory);
  name = decode_text (&input, 2);
  text = decode_text (&input, 3);
  g_assert_cmpstr (name, ==, "SO_REUSEADDR");
  g_assert_cmpstr (text, ==, "[1]");
}

/* An option that the program gets is as long as it is told; not all are ints. */
static void
test_socket_option_got (void)
{
  static const struct { guint64 level, name; guint8 length; const char *wanted; } cases[] = {
    { 1, 2, 4, "[7496290]" }, { 1, 2, 3, "\"\\x62\\x62\\x72\"" }, { 1, 2, 0, "0x10000000" },
    { 6, 13, 16, "\"bbr\\0\\1\\0\\0\\0\\2\\0\\0\\0\\0\\0\\0\\0\"" },
    { 6, 13, 4, "[7496290]" }, { 6, 13, 2, "\"bb\"" }, { 6, 13, 0, "0x10000000" },
    { 1, 17, 12, "{pid=7496290, uid=1, gid=2}" }, { 1, 17, 8, "{pid=7496290, uid=1}" },
    { 1, 17, 4, "{pid=7496290}" }, { 1, 13, 4, "{l_onoff=7496290}" },
    { 1, 57, 8, "\"bbr\\0\\1\\0\\0\\0\"" }, { 1, 3, 2, "\"\\x62\\x62\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 bytes[20] = { 'b', 'b', 'r', 0, 1, 0, 0, 0, 2, [16] = cases[i].length };
      uint64_t regs[PINK_ARCH_N_REGS] = { 3, cases[i].level, cases[i].name, BASE, BASE + 16 };
      DecodeMemory memory = { bytes, sizeof bytes, 0 };
      PinkDecodeInput input;
      g_autofree char *text = NULL;

      decode_begin (&input, PINK_ARCH_X86_64, "getsockopt", regs, &memory);
      text = decode_text (&input, 3);
      g_assert_cmpstr (text, ==, cases[i].wanted);
    }
}

/* Sixteen bits, of which the highest is no sign. */
static void
test_mode (void)
{
  static const guint8 bytes[256] = { [28] = 0xa4, [29] = 0x81 };
  uint64_t regs[PINK_ARCH_N_REGS] = { 3, 0, 0, 0, BASE };
  DecodeMemory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *text = NULL;

  decode_begin (&input, PINK_ARCH_X86_64, "statx", regs, &memory);
  text = decode_text (&input, 4);
  g_assert_cmpstr (text, ==, "{stx_mask=0, stx_attributes=0, stx_mode=S_IFREG|0644, stx_size=0, ...}");
}

/* It is read at the entry, and written by then. */
static void
test_length (void)
{
  guint8 bytes[4] = { 128 };
  uint64_t regs[PINK_ARCH_N_REGS] = { 3, 0, BASE };
  DecodeMemory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  decode_begin (&input, PINK_ARCH_X86_64, "getsockname", regs, &memory);
  input.exited = FALSE;
  before = decode_text (&input, 2);
  bytes[0] = 16;
  input.exited = TRUE;
  after = decode_text (&input, 2);
  g_assert_cmpstr (before, ==, "[128]");
  g_assert_cmpstr (after, ==, "[128 => 16]");
}

/* What a call writes is an address until it has, and when it has failed. */
static void
test_written (void)
{
  static const guint8 bytes[8] = { 3, 0, 0, 0, 4 };
  uint64_t regs[PINK_ARCH_N_REGS] = { BASE };
  DecodeMemory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *failed = NULL;

  decode_begin (&input, PINK_ARCH_X86_64, "pipe2", regs, &memory);
  g_assert_true (pink_decode_waits (&input, 0));
  after = decode_text (&input, 0);
  input.failed = TRUE;
  failed = decode_text (&input, 0);
  input.exited = FALSE;
  before = decode_text (&input, 0);
  g_assert_cmpstr (after, ==, "[3, 4]");
  g_assert_cmpstr (failed, ==, "0x10000000");
  g_assert_cmpstr (before, ==, "0x10000000");
}

/* What is left of a sleep is told once it has been broken off, and then only; of a sleep up to a
 * point in time nothing is left. */
static void
test_rest_of_a_sleep (void)
{
  static const guint8 bytes[16] = { [8] = 9 };
  static const struct { PinkArchId arch; const char *call; guint argument; guint64 flags; } cases[] = {
    { PINK_ARCH_X86_64, "nanosleep", 1, 0 }, { PINK_ARCH_I386, "nanosleep", 1, 0 },
    { PINK_ARCH_AARCH64, "clock_nanosleep", 3, 0 }, { PINK_ARCH_X86_64, "clock_nanosleep", 3, 1 },
    { PINK_ARCH_ARM, "clock_nanosleep_time64", 3, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean is_nanosleep = cases[i].argument == 1;
      gboolean is_narrow = cases[i].arch == PINK_ARCH_I386;
      uint64_t regs[PINK_ARCH_N_REGS] = { 0, is_nanosleep ? BASE : cases[i].flags, 0, BASE };
      DecodeMemory memory = { is_narrow ? bytes + 4 : bytes, is_narrow ? 8 : 16, 0 };
      PinkDecodeInput input;
      g_autofree char *before = NULL;
      g_autofree char *broken_off = NULL;
      g_autofree char *slept = NULL;

      decode_begin (&input, cases[i].arch, cases[i].call, regs, &memory);
      g_assert_true (pink_decode_waits (&input, cases[i].argument));
      g_assert_true (pink_decode_told_at_exit (&input, cases[i].argument));
      slept = decode_text (&input, cases[i].argument);
      input.failed = TRUE;
      input.result = 516;
      broken_off = decode_text (&input, cases[i].argument);
      input.exited = FALSE;
      before = decode_text (&input, cases[i].argument);
      g_assert_cmpstr (before, ==, "0x10000000");
      g_assert_cmpstr (slept, ==, "0x10000000");
      g_assert_cmpstr (broken_off, ==, cases[i].flags != 0 ? "0x10000000" : "{tv_sec=0, tv_nsec=9}");
    }
}

/* A time that the call writes what is left to is told as it was given, and beside the result
 * what is left; or that it is over. */
static void
test_time_left (void)
{
  guint8 bytes[16] = { 5, 0, 0, 0, 0, 0, 0, 0, 7 };
  uint64_t regs[PINK_ARCH_N_REGS] = { 3, 0, 0, 0, BASE };
  DecodeMemory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  static const struct { gint64 result; const char *wanted; } cases[] = {
    { 0, "Timeout" }, { 1, "left {tv_sec=2, tv_nsec=7}" },
  };

  decode_begin (&input, PINK_ARCH_X86_64, "recvmmsg", regs, &memory);
  g_assert_true (pink_decode_waits (&input, 4));
  input.exited = FALSE;
  g_free (decode_text (&input, 4));
  input.exited = TRUE;
  bytes[0] = 2;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      static const PinkTextStyle style;
      PinkTape tape = { 0 }, aux = { 0 };
      PinkText text = { NULL, 0, 0 };
      g_autofree char *given = decode_text (&input, 4);

      input.result = cases[i].result;
      pink_decode_result (&input, &tape, &aux);
      pink_text_tape (&text, &aux, input.arch, &style);
      g_assert_cmpstr (given, ==, "{tv_sec=5, tv_nsec=7}");
      g_assert_cmpstr (text.data, ==, cases[i].wanted);
      pink_text_clear (&text);
      pink_tape_clear (&tape);
      pink_tape_clear (&aux);
    }
}

/* An ioctl() that fills a list of interfaces: the room that there was, and what is in it now. */
static void
test_interface_list (void)
{
  guint8 bytes[72] = { 64, [4] = 8, [7] = BASE >> 24, [8] = 'l', 'o', [24] = 2, [28] = 127, 0, 0, 1 };
  uint64_t regs[PINK_ARCH_N_REGS] = { 3, 0x8912, BASE };
  DecodeMemory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *text = NULL;
  g_autofree char *failed = NULL;

  decode_begin (&input, PINK_ARCH_I386, "ioctl", regs, &memory);
  input.exited = FALSE;
  g_free (decode_text (&input, 2));
  input.exited = input.failed = TRUE;
  failed = decode_text (&input, 2);
  input.failed = FALSE;
  bytes[0] = 32;
  text = decode_text (&input, 2);
  g_assert_cmpstr (failed, ==, "{ifc_len=64 /* 2 * sizeof(struct ifreq) */, ifc_buf=0x10000008}");
  g_assert_cmpstr (text, ==, "{ifc_len=64 /* 2 * sizeof(struct ifreq) */ => 32 /* 1 * sizeof(struct ifreq) */, "
                   "ifc_buf=[{ifr_name=\"lo\", ifr_addr={sa_family=AF_INET, sin_port=htons(0), "
                   "sin_addr=inet_addr(\"127.0.0.1\")}}]}");
}

/* No process was waited for, so nothing is told of one. */
static void
test_nobody_waited_for (void)
{
  static const guint8 bytes[144] = { 7 };
  uint64_t regs[PINK_ARCH_N_REGS] = { 5, BASE, 1, BASE };
  DecodeMemory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *status = NULL;
  g_autofree char *used = NULL;
  g_autofree char *used_by_one = NULL;

  decode_begin (&input, PINK_ARCH_X86_64, "wait4", regs, &memory);
  status = decode_text (&input, 1);
  used = decode_text (&input, 3);
  input.result = 5;
  used_by_one = decode_text (&input, 3);
  g_assert_cmpstr (status, ==, "0x10000000");
  g_assert_cmpstr (used, ==, "0x10000000");
  g_assert_cmpstr (used_by_one, ==, "{ru_utime={tv_sec=7, tv_usec=0}, ru_stime={tv_sec=0, tv_usec=0}, ...}");
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
static const struct
{
  PinkArchId  arch;
  const char *call;
  guint       argument;
  guint64     args[6];
  const char *bytes;
  const char *wanted;
  gboolean    done; /* otherwise it has failed */
} layouts[] = {
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
  { PINK_ARCH_S390X, "io_cancel", 1, { 1, BASE }, "7*00 01 3*00 02 3*00 03 00 01 40 01 3*00 05 32*00 3*00 02 4*00",
    "{aio_data=0x1, aio_rw_flags=RWF_DSYNC, aio_key=3, aio_lio_opcode=IOCB_CMD_PWRITE, "
    "aio_reqprio=IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 1), aio_fildes=5}" },
  { PINK_ARCH_POWERPC, "shmctl", 2, { 3, 2, BASE },
    "3*00 05 3*00 01 3*00 02 3*00 03 3*00 04 2*00 01 a0 24*00 4*00 3*00 06 4*00 3*00 07 4*00 3*00 08 4*00 3*00 09 "
    "3*00 0a 3*00 0b 3*00 0c 12*00",
    "{shm_perm={uid=1, gid=2, mode=0640, key=5, cuid=3, cgid=4}, shm_segsz=9, shm_cpid=10, shm_lpid=11, "
    "shm_nattch=12, shm_atime=6, shm_dtime=7, shm_ctime=8}", TRUE },
  { PINK_ARCH_AARCH64, "shmctl", 2, { 3, 2, BASE },
    "05 3*00 01 3*00 02 3*00 03 3*00 04 3*00 a0 01 26*00 09 7*00 06 7*00 07 7*00 08 7*00 0a 3*00 0b 3*00 0c 23*00",
    "{shm_perm={uid=1, gid=2, mode=0640, key=5, cuid=3, cgid=4}, shm_segsz=9, shm_cpid=10, shm_lpid=11, "
    "shm_nattch=12, shm_atime=6, shm_dtime=7, shm_ctime=8}", TRUE },
  { PINK_ARCH_I386, "shmctl", 2, { 3, 2, BASE },
    "05 3*00 01 3*00 02 3*00 03 3*00 04 3*00 a0 01 14*00 09 3*00 06 7*00 07 7*00 08 7*00 0a 3*00 0b 3*00 0c 11*00",
    "{shm_perm={uid=1, gid=2, mode=0640, key=5, cuid=3, cgid=4}, shm_segsz=9, shm_cpid=10, shm_lpid=11, "
    "shm_nattch=12, shm_atime=6, shm_dtime=7, shm_ctime=8}", TRUE },
  { PINK_ARCH_MIPS_O32, "msgctl", 2, { 3, 2, BASE },
    "3*00 05 3*00 01 3*00 02 3*00 03 3*00 04 2*00 01 a0 12*00 4*00 3*00 06 4*00 3*00 07 4*00 3*00 08 4*00 3*00 09 "
    "3*00 0a 3*00 0b 3*00 0c 8*00",
    "{msg_perm={uid=1, gid=2, mode=0640, key=5, cuid=3, cgid=4}, msg_stime=6, msg_rtime=7, msg_ctime=8, "
    "msg_qnum=9, msg_qbytes=10, msg_lspid=11, msg_lrpid=12}", TRUE },
  { PINK_ARCH_S390X, "semctl", 3, { 3, 0, 2, BASE },
    "3*00 05 3*00 01 3*00 02 3*00 03 3*00 04 2*00 01 a0 24*00 7*00 06 7*00 07 7*00 03 16*00",
    "{sem_perm={uid=1, gid=2, mode=0640, key=5, cuid=3, cgid=4}, sem_otime=6, sem_ctime=7, sem_nsems=3}", TRUE },
  { PINK_ARCH_S390X, "ioctl", 2, { 3, 0x8913, BASE }, "6c 6f 14*00 00 49",
    "{ifr_name=\"lo\", ifr_flags=IFF_UP|IFF_LOOPBACK|IFF_RUNNING}", TRUE },
  { PINK_ARCH_X86_64, "ptrace", 3, { 0x420e, 7, 88, BASE }, "02 3*00 3e 2*00 c0 01 7*00 02 7*00 2a 7*00 00 55*00",
    "{op=PTRACE_SYSCALL_INFO_EXIT, arch=0xc000003e, instruction_pointer=0x1, stack_pointer=0x2, rval=42, is_error=0}",
    TRUE },
  { PINK_ARCH_X86_64, "lsm_get_self_attr", 1, { 100, BASE }, "68 7*00 8*00 22 7*00 02 7*00 75 31",
    "{id=LSM_ID_APPARMOR, flags=0, len=34, ctx_len=2, ctx=\"u1\"}", TRUE },
  /* Of times that came with a message the older ones are of words, the newer of 64 bits. */
  { PINK_ARCH_I386, "sendmsg", 1, { 3, BASE },
    "16*00 1c 2*00 10 14 3*00 4*00 14 3*00 01 3*00 1d 3*00 ff ff ff ff 02 3*00",
    "{msg_name=NULL, msg_namelen=0, msg_iov=NULL, msg_iovlen=0, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, "
    "cmsg_type=SO_TIMESTAMP_OLD, cmsg_data={tv_sec=-1, tv_usec=2}}], msg_controllen=20, msg_flags=0}", TRUE },
  { PINK_ARCH_POWERPC, "sendmsg", 1, { 3, BASE },
    "16*00 10 2*00 1c 3*00 1c 4*00 3*00 1c 3*00 01 3*00 40 7*00 05 7*00 02",
    "{msg_name=NULL, msg_namelen=0, msg_iov=NULL, msg_iovlen=0, msg_control=[{cmsg_len=28, cmsg_level=SOL_SOCKET, "
    "cmsg_type=SO_TIMESTAMPNS_NEW, cmsg_data={tv_sec=5, tv_nsec=2}}], msg_controllen=28, msg_flags=0}", TRUE },
  /* What a signal brings with it begins where a word may, and MIPS has its codes in another order. */
  { PINK_ARCH_I386, "rt_sigqueueinfo", 2, { 1, 29, BASE }, "1d 3*00 4*00 fb ff ff ff 05 3*00 07 3*00 107*00 00",
    "{si_signo=SIGIO, si_code=SI_SIGIO, si_band=5, si_fd=7}", TRUE },
  { PINK_ARCH_MIPS_N64, "rt_sigqueueinfo", 2, { 1, 11, BASE }, "3*00 0b 3*00 04 4*00 4*00 7*00 05 8*00 3*00 07 91*00 00",
    "{si_signo=SIGSEGV, si_code=SEGV_PKUERR, si_addr=0x5, si_pkey=7}", TRUE },
  { PINK_ARCH_MIPS_O32, "rt_sigqueueinfo", 2, { 1, 14, BASE }, "3*00 0e ff ff ff fd 4*00 3*00 05 3*00 06 3*00 07 103*00 00",
    "{si_signo=SIGALRM, si_code=SI_TIMER, si_timerid=0x5, si_overrun=6, si_int=7, si_ptr=0x7}", TRUE },
  { PINK_ARCH_POWERPC, "oldstat", 1, { 0, BASE }, "00 01 00 02 81 a4 00 01 6*00 2*00 3*00 07 12*00",
    "{st_mode=S_IFREG|0644, st_size=7, ...}", TRUE },
  { PINK_ARCH_I386, "readdir", 1, { 3, BASE, 1 }, "05 3*00 07 3*00 02 00 61 62",
    "{d_ino=5, d_off=7, d_reclen=2, d_name=\"ab\"}", TRUE },
};

static void
test_layouts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_of (layouts[i].bytes);
      DecodeMemory memory = { bytes->data, bytes->len, 0 };
      PinkDecodeInput input;
      g_autofree char *text = NULL;
      g_autofree char *elsewhere = NULL;

      g_test_message ("%s of %s", layouts[i].call, pink_arch_name (pink_arch_get (layouts[i].arch)));
      decode_begin (&input, layouts[i].arch, layouts[i].call, layouts[i].args, &memory);
      input.sp = BASE;
      input.failed = !layouts[i].done;
      text = decode_text (&input, layouts[i].argument);
      g_assert_cmpstr (text, ==, layouts[i].wanted);
      memory.size--;
      elsewhere = decode_text (&input, layouts[i].argument);
      g_assert_cmpstr (elsewhere, !=, layouts[i].wanted);
    }
}

/* Its texts are behind it, where its members say. */
static void
test_statmount (void)
{
  uint64_t regs[PINK_ARCH_N_REGS] = { 0, BASE, 600 };
  guint8 bytes[600] = { [8] = 0x30, [36] = 5, };
  DecodeMemory memory = { bytes, sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *text = NULL;

  memcpy (bytes + 512, "/mnt\0ext4", 10);
  decode_begin (&input, PINK_ARCH_X86_64, "statmount", regs, &memory);
  text = decode_text (&input, 1);
  g_assert_cmpstr (text, ==, "{size=0, mask=STATMOUNT_MNT_POINT|STATMOUNT_FS_TYPE, fs_type=\"ext4\", "
                   "mnt_point=\"/mnt\"}");
}

/* Programs are told where nothing is abbreviated; of an instruction the registers are two
 * halves of a byte, in the order of the bytes. */
static void
test_program (void)
{
  static const guint8 bytes[8] = { 0xb7, 0x12, 0, 3, 0, 0, 0, 4 };
  guint8 attr[64] = { [3] = 1, [7] = 1, [12] = BASE >> 24, [13] = BASE >> 16 & 0xff, [15] = 64 };
  g_autofree guint8 *all = g_malloc0 (sizeof attr + sizeof bytes);
  uint64_t regs[PINK_ARCH_N_REGS] = { 5, BASE, 24 };
  DecodeMemory memory = { all, sizeof attr + sizeof bytes, 0 };
  PinkDecodeInput input;
  g_autofree char *brief = NULL;
  g_autofree char *full = NULL;

  memcpy (all, attr, sizeof attr);
  memcpy (all + sizeof attr, bytes, sizeof bytes);
  decode_begin (&input, PINK_ARCH_S390X, "bpf", regs, &memory);
  brief = decode_text (&input, 1);
  input.abbreviated = FALSE;
  full = decode_text (&input, 1);
  g_assert_cmpstr (brief, ==, "{prog_type=BPF_PROG_TYPE_SOCKET_FILTER, insn_cnt=1, insns=0x10000040, license=NULL}");
  g_assert_cmpstr (full, ==, "{prog_type=BPF_PROG_TYPE_SOCKET_FILTER, insn_cnt=1, insns=[{code=BPF_ALU64|BPF_K|BPF_MOV, "
                   "dst_reg=BPF_REG_1, src_reg=BPF_REG_2, off=3, imm=0x4}], license=NULL}");
}

static bool
describe_fd (void   *data,
             int     fd,
             char   *buffer,
             size_t  size)
{
  return g_strlcpy (buffer, "</dev/null>", size) < size;
}

/* Whether a result is a descriptor may depend on what is asked for; others have a name. */
static void
test_results (void)
{
  static const struct { const char *call; guint64 second, third; gint64 result; const char *wanted, *beside; } cases[] = {
    { "landlock_create_ruleset", 0, 0, 3, "3</dev/null>", NULL },
    { "landlock_create_ruleset", 0, 1, 3, "3", NULL },
    { "fcntl", 0 /* F_DUPFD */, 3, 3, "3</dev/null>", NULL },
    { "fcntl", 1030 /* F_DUPFD_CLOEXEC */, 3, 3, "3</dev/null>", NULL },
    { "fcntl", 9 /* F_GETOWN */, 0, 3, "3", NULL },
    { "clock_adjtime", 0, 0, 0, "0", "TIME_OK" },
    { "clock_adjtime", 0, 0, 5, "5", "TIME_ERROR" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      static const PinkTextStyle style;
      uint64_t regs[PINK_ARCH_N_REGS] = { 0, cases[i].second, cases[i].third };
      PinkTape tape = { 0 }, aux = { 0 };
      PinkText text = { NULL, 0, 0 };
      PinkDecodeInput input;

      decode_begin (&input, PINK_ARCH_X86_64, cases[i].call, regs, NULL);
      input.describe_fd = describe_fd;
      input.result = cases[i].result;
      pink_decode_result (&input, &tape, &aux);
      pink_text_tape (&text, &tape, input.arch, &style);
      g_assert_cmpstr (text.data, ==, cases[i].wanted);
      pink_text_clear (&text);
      pink_text_tape (&text, &aux, input.arch, &style);
      g_assert_cmpstr (text.data, ==, cases[i].beside);
      pink_text_clear (&text);
      pink_tape_clear (&tape);
      pink_tape_clear (&aux);
    }
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
  DecodeMemory memory = { bytes, sizeof bytes, 0 };
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
  decode_begin (&input, arch, "sendto", regs, &memory);
  input.string_limit = 8;
  input.abbreviated = TRUE;
  input.netlink_protocol = route_protocol;
  input.name_interface = name_interface;
  text = decode_text (&input, 1);
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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decode/flags", test_flags);
  g_test_add_func ("/decode/negative-names", test_negative_names);
  g_test_add_func ("/decode/timespec", test_timespec);
  g_test_add_func ("/decode/socket-option", test_socket_option);
  g_test_add_func ("/decode/socket-option-got", test_socket_option_got);
  g_test_add_func ("/decode/mode", test_mode);
  g_test_add_func ("/decode/length", test_length);
  g_test_add_func ("/decode/written", test_written);
  g_test_add_func ("/decode/rest-of-a-sleep", test_rest_of_a_sleep);
  g_test_add_func ("/decode/time-left", test_time_left);
  g_test_add_func ("/decode/interface-list", test_interface_list);
  g_test_add_func ("/decode/nobody-waited-for", test_nobody_waited_for);
  g_test_add_func ("/decode/netlink", test_netlink);
  g_test_add_func ("/decode/layouts", test_layouts);
  g_test_add_func ("/decode/statmount", test_statmount);
  g_test_add_func ("/decode/program", test_program);
  g_test_add_func ("/decode/results", test_results);
  return g_test_run ();
}
