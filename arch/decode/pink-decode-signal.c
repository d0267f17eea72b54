/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Special forms of signals, time, and waiting for descriptors.
 */
#include "pink-decode-special.h"

#include <stdio.h>
#include <string.h>

/* ---- sets of signals ---- */

void
pink_decoder_signal_bits (PinkDecoder *self, const uint8_t *bytes, size_t size)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  unsigned step = size % word == 0 ? word : 4;
  unsigned set = 0;
  bool inverted;

  for (size_t i = 0; i < size; i++)
    set += (unsigned) __builtin_popcount (bytes[i]);
  /* A set of nearly all is told by those that are missing. */
  inverted = set >= size * 8 * 2 / 3;
  pink_tape_set (self->tape, inverted);
  for (size_t i = 0; i < size * 8; i++)
    {
      uint64_t at = pink_decoder_integer (self, bytes + i / (step * 8) * step, step);
      const char *name;

      if ((at >> i % (step * 8) & 1) == inverted)
        continue;
      name = pink_arch_signal_name (self->input->arch, (int) i + 1);
      if (name != NULL && strncmp (name, "SIG", 3) == 0)
        pink_tape_enum (self->tape, i + 1, PINK_FORM_SIGNED, name + 3, "SIG");
      else
        pink_tape_number (self->tape, i + 1, PINK_FORM_SIGNED);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

/* Of the kernel's: a call with another size fails. */
static unsigned
sigset_size (const PinkDecoder *self)
{
  return pink_special_is_mips (self->input->arch) ? 16 : 8;
}

PINK_SPECIAL (sigset)
{
  uint8_t bytes[16];
  uint64_t size = special_ref (self, type, 0);

  if (size == 0 || size > sigset_size (self) || size % 4 != 0 ||
      !pink_special_bytes (self, place, bytes, (size_t) size))
    return PINK_NOT_READ;
  pink_decoder_signal_bits (self, bytes, (size_t) size);
  return PINK_SHOWN;
}

/* The signals above 32 are elsewhere. */
PINK_SPECIAL (sigset_halves)
{
  uint8_t bytes[8];

  pink_arch_put_integer (self->input->arch, bytes, 4, pink_decoder_value (self, type, place));
  pink_arch_put_integer (self->input->arch, bytes + 4, 4, special_ref (self, type, 0));
  pink_decoder_signal_bits (self, bytes, sizeof bytes);
  return PINK_SHOWN;
}

/* A set of signals that is a number: of the first calls, which knew 32 of them. */
PINK_SPECIAL (signal_word)
{
  uint8_t bytes[4];

  pink_arch_put_integer (self->input->arch, bytes, 4, pink_decoder_value (self, type, place));
  pink_decoder_signal_bits (self, bytes, sizeof bytes);
  return PINK_SHOWN;
}

/* And as a result. */
PINK_SPECIAL (signal_mask)
{
  pink_tape_field (self->tape, "mask");
  return pink_special_signal_word (self, type, place);
}

PINK_SPECIAL (old_signal_mask)
{
  pink_tape_field (self->tape, "old mask");
  return pink_special_signal_word (self, type, place);
}

PINK_SPECIAL (sig_handler)
{
  uint64_t value = pink_decoder_value (self, type, place);

  if (pink_arch_word_size (self->input->arch) == 4)
    value = (uint32_t) value;
  if (value == 0)
    pink_tape_enum (self->tape, value, PINK_FORM_HEX, "SIG_DFL", NULL);
  else if (value == 1)
    pink_tape_enum (self->tape, value, PINK_FORM_HEX, "SIG_IGN", NULL);
  else if (value == (pink_arch_word_size (self->input->arch) == 4 ? UINT32_MAX : UINT64_MAX))
    pink_tape_enum (self->tape, value, PINK_FORM_HEX, "SIG_ERR", NULL);
  else
    pink_decoder_address (self, value);
  return PINK_SHOWN;
}

PINK_SPECIAL (sa_restorer)
{
  if ((special_ref (self, type, 0) & 0x04000000) == 0)
    return PINK_NOT_SHOWN;
  pink_decoder_address (self, pink_decoder_value (self, type, place));
  return PINK_SHOWN;
}

PINK_SPECIAL (pselect_mask)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  uint8_t bytes[16];
  uint64_t address, size;

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, bytes, 2 * word))
    return PINK_NOT_READ;
  address = pink_decoder_integer (self, bytes, word);
  size = pink_decoder_integer (self, bytes + word, word);
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_tape_field (self->tape, "sigmask");
  if (address == 0 || size == 0 || size > sizeof bytes || size % 4 != 0 ||
      !pink_decoder_read (self, address, bytes, (size_t) size))
    pink_decoder_address (self, address);
  else
    pink_decoder_signal_bits (self, bytes, (size_t) size);
  pink_special_member (self, "sigsetsize", size, PINK_FORM_UNSIGNED);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* ---- siginfo_t ---- */

/* The codes of whoever sends a signal are below 0, or 0; others are of the signal itself. */
enum { CODE_USER = 0, CODE_TKILL = -6, CODE_SIGIO = -5 };

typedef enum { OF_ANY, OF_CHILD, OF_FAULT, OF_POLL, OF_SYS } SignalKind;

static const struct { const char *name; SignalKind kind; unsigned table; } with_codes[] = {
  { "SIGCHLD", OF_CHILD, PINK_TABLE_CLD_CODE }, { "SIGCLD", OF_CHILD, PINK_TABLE_CLD_CODE },
  { "SIGSEGV", OF_FAULT, PINK_TABLE_SEGV_CODE }, { "SIGBUS", OF_FAULT, PINK_TABLE_BUS_CODE },
  { "SIGFPE", OF_FAULT, PINK_TABLE_FPE_CODE }, { "SIGILL", OF_FAULT, PINK_TABLE_ILL_CODE },
  { "SIGTRAP", OF_FAULT, PINK_TABLE_TRAP_CODE }, { "SIGIO", OF_POLL, PINK_TABLE_POLL_CODE },
  { "SIGPOLL", OF_POLL, PINK_TABLE_POLL_CODE }, { "SIGSYS", OF_SYS, PINK_TABLE_SYS_CODE },
};

/* What is behind its three numbers, which begins where a word may. */
typedef struct
{
  const uint8_t *bytes;
  unsigned       word;
} Info;

static uint64_t
info_word (PinkDecoder *self, const Info *info, unsigned nth)
{
  return pink_decoder_integer (self, info->bytes + nth * info->word, info->word);
}

static uint64_t
info_int (PinkDecoder *self, const Info *info, unsigned offset)
{
  return (uint64_t) (int32_t) pink_decoder_integer (self, info->bytes + offset, 4);
}

static void
put_info_address (PinkDecoder *self, const char *name, uint64_t address)
{
  pink_tape_field (self->tape, name);
  pink_decoder_address (self, address);
}

static void
put_source (PinkDecoder *self, const Info *info)
{
  pink_special_member (self, "si_pid", info_int (self, info, 0), PINK_FORM_PID);
  pink_special_member (self, "si_uid", (uint32_t) info_int (self, info, 4), PINK_FORM_UID);
}

static void
put_value (PinkDecoder *self, const Info *info)
{
  pink_special_member (self, "si_int", info_int (self, info, 8), PINK_FORM_SIGNED);
  put_info_address (self, "si_ptr", pink_decoder_integer (self, info->bytes + 8, info->word));
}

static void
put_band (PinkDecoder *self, const Info *info)
{
  uint64_t band = info_word (self, info, 0);

  pink_special_member (self, "si_band", info->word == 4 ? (uint64_t) (int32_t) band : band, PINK_FORM_SIGNED);
  pink_special_member (self, "si_fd", info_int (self, info, info->word), PINK_FORM_FD);
}

static void
put_sent (PinkDecoder *self, const Info *info, int code, const char *name)
{
  if (name != NULL && strcmp (name, "SI_TIMER") == 0)
    {
      pink_special_member (self, "si_timerid", (uint32_t) info_int (self, info, 0), PINK_FORM_HEX);
      pink_special_member (self, "si_overrun", info_int (self, info, 4), PINK_FORM_SIGNED);
      put_value (self, info);
      return;
    }
  if (code == CODE_SIGIO)
    {
      put_band (self, info);
      return;
    }
  put_source (self, info);
  if (code != CODE_USER && code != CODE_TKILL && pink_decoder_integer (self, info->bytes + 8, info->word) != 0)
    put_value (self, info);
}

static void
put_child (PinkDecoder *self, const Info *info, int code)
{
  put_source (self, info);
  pink_special_member (self, "si_status", info_int (self, info, 8), code == 1 ? PINK_FORM_SIGNED : PINK_FORM_SIGNAL);
  pink_tape_field (self->tape, "si_utime");
  pink_special_ticks (self, pink_decoder_integer (self, info->bytes + (info->word == 8 ? 16 : 12), info->word));
  pink_tape_field (self->tape, "si_stime");
  pink_special_ticks (self, pink_decoder_integer (self, info->bytes + (info->word == 8 ? 24 : 16), info->word));
}

static void
put_fault (PinkDecoder *self, const Info *info, const char *name)
{
  put_info_address (self, "si_addr", info_word (self, info, 0));
  if (name == NULL)
    return;
  if (strncmp (name, "BUS_MCEERR_", 11) == 0)
    pink_special_member (self, "si_addr_lsb", pink_decoder_integer (self, info->bytes + info->word, 2), PINK_FORM_HEX);
  else if (strcmp (name, "SEGV_BNDERR") == 0)
    {
      put_info_address (self, "si_lower", info_word (self, info, 2));
      put_info_address (self, "si_upper", info_word (self, info, 3));
    }
  else if (strcmp (name, "SEGV_PKUERR") == 0)
    pink_special_member (self, "si_pkey", (uint32_t) info_int (self, info, 2 * info->word), PINK_FORM_UNSIGNED);
}

static void
put_raised (PinkDecoder *self, const Info *info, SignalKind kind, int code, const char *name)
{
  switch (kind)
    {
    case OF_CHILD:
      put_child (self, info, code);
      return;
    case OF_FAULT:
      put_fault (self, info, name);
      return;
    case OF_POLL:
      if (name != NULL && strncmp (name, "POLL_", 5) == 0)
        put_band (self, info);
      return;
    case OF_SYS:
      put_info_address (self, "si_call_addr", info_word (self, info, 0));
      pink_special_member (self, "si_syscall", info_int (self, info, info->word), PINK_FORM_SIGNED);
      pink_special_member (self, "si_arch", (uint32_t) info_int (self, info, info->word + 4), PINK_FORM_HEX);
      return;
    default:
      if (info_int (self, info, 0) != 0 || info_int (self, info, 4) != 0)
        put_source (self, info);
      if (pink_decoder_integer (self, info->bytes + 8, info->word) != 0)
        put_value (self, info);
    }
}

PINK_SPECIAL (siginfo)
{
  const PinkArch *arch = self->input->arch;
  unsigned word = pink_arch_word_size (arch);
  bool mips = pink_special_is_mips (arch);
  uint8_t bytes[128];
  const Info info = { bytes + (word == 8 ? 16 : 12), word };
  const PinkNamed *named;
  const char *signal, *name;
  SignalKind kind = OF_ANY;
  int number, error, code;

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  number = (int) pink_decoder_integer (self, bytes, 4);
  error = (int) pink_decoder_integer (self, bytes + (mips ? 8 : 4), 4);
  code = (int) pink_decoder_integer (self, bytes + (mips ? 4 : 8), 4);
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  if (number == 0)
    {
      pink_tape_plain (self->tape, PINK_TAPE_END);
      return PINK_SHOWN;
    }
  named = pink_table_find (arch, PINK_TABLE_SI_CODE, (uint64_t) (int64_t) code);
  signal = pink_arch_signal_name (arch, number);
  for (size_t i = 0; signal != NULL && i < sizeof with_codes / sizeof with_codes[0]; i++)
    if (strcmp (with_codes[i].name, signal) == 0)
      {
        kind = with_codes[i].kind;
        if (named == NULL)
          named = pink_table_find (arch, with_codes[i].table, (uint64_t) (int64_t) code);
      }
  name = named != NULL ? pink_named_name (named) : NULL;
  pink_special_member (self, "si_signo", (uint64_t) number, PINK_FORM_SIGNAL);
  pink_tape_field (self->tape, "si_code");
  if (name != NULL)
    pink_tape_enum (self->tape, (uint64_t) (int64_t) code, code > 0 ? PINK_FORM_HEX : PINK_FORM_SIGNED, name, NULL);
  else
    pink_tape_enum (self->tape, (uint32_t) code, PINK_FORM_HEX, NULL, NULL);
  if (error != 0)
    {
      pink_tape_field (self->tape, "si_errno");
      pink_tape_enum (self->tape, (uint64_t) error, PINK_FORM_SIGNED, pink_arch_errno_name (arch, error), NULL);
    }
  if (code <= 0)
    put_sent (self, &info, code, name);
  else
    put_raised (self, &info, kind, code, name);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (sigevent)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  uint8_t bytes[24];
  unsigned how;
  uint64_t value;

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, bytes, word + 16u - (word == 4 ? 4 : 0)))
    return PINK_NOT_READ;
  value = pink_decoder_integer (self, bytes, word);
  how = (unsigned) pink_decoder_integer (self, bytes + word + 4, 4);
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  if (value != 0)
    {
      pink_tape_field (self->tape, "sigev_value");
      pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
      pink_special_member (self, "sival_int", (uint64_t) (int32_t) pink_decoder_integer (self, bytes, 4),
                           PINK_FORM_SIGNED);
      pink_tape_field (self->tape, "sival_ptr");
      pink_decoder_address (self, value);
      pink_tape_plain (self->tape, PINK_TAPE_END);
    }
  pink_special_member (self, "sigev_signo",
                       (uint64_t) (int32_t) pink_decoder_integer (self, bytes + word, 4), PINK_FORM_SIGNAL);
  pink_tape_field (self->tape, "sigev_notify");
  pink_decoder_enum (self, PINK_TABLE_SIGEV_NOTIFY, how, PINK_FORM_HEX);
  if (how == 4)
    pink_special_member (self, "sigev_notify_thread_id",
                         (uint64_t) (int32_t) pink_decoder_integer (self, bytes + word + 8, 4), PINK_FORM_PID);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* ---- time ---- */

/* The nanoseconds that stand beside it in the structure: st_atime_nsec, tv_nsec. */
static uint64_t
nanoseconds_beside (PinkDecoder *self, const PinkPlace *place)
{
  const PinkLayout *layout = self->frame.layout;
  const char *name = NULL;
  char beside[48];

  for (unsigned i = 0; layout != NULL && i < layout->n_fields; i++)
    if (self->frame.bytes + pink_layout_field (layout, i)->offset == place->bytes)
      name = pink_decode_name (pink_layout_field (layout, i)->name);
  if (name == NULL)
    return 0;
  pink_decoder_print (self, beside, sizeof beside, "%s_nsec", name);
  return pink_decoder_member (self, layout, self->frame.bytes, beside);
}

/* A second has a hundred, but on IA-64 (asm/param.h). */
void
pink_special_ticks (PinkDecoder *self, uint64_t ticks)
{
  unsigned a_second = pink_arch_id (self->input->arch) == PINK_ARCH_IA64 ? 1024 : 100;

  pink_tape_number (self->tape, ticks, PINK_FORM_SIGNED);
  if ((int64_t) ticks > 0)
    pink_tape_comment (self->tape, "%.*f s", a_second == 100 ? 2 : 3, (double) ticks / a_second);
}

PINK_SPECIAL (clock)
{
  pink_special_ticks (self, pink_decoder_value (self, type, place));
  return PINK_SHOWN;
}

PINK_SPECIAL (time_comment)
{
  uint64_t value = pink_decoder_value (self, type, place);

  pink_tape_number (self->tape, value, PINK_FORM_SIGNED);
  pink_special_stamp (self, (int64_t) value, nanoseconds_beside (self, place));
  return PINK_SHOWN;
}

PINK_SPECIAL (statx_stamp)
{
  uint8_t bytes[12];
  uint64_t seconds, nanoseconds;

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  seconds = pink_decoder_integer (self, bytes, 8);
  nanoseconds = pink_decoder_integer (self, bytes + 8, 4);
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "tv_sec", seconds, PINK_FORM_SIGNED);
  pink_special_member (self, "tv_nsec", nanoseconds, PINK_FORM_UNSIGNED);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  pink_special_stamp (self, (int64_t) seconds, nanoseconds);
  return PINK_SHOWN;
}

/* Two times; PART is the name of what is less than a second. */
static PinkShown
show_times (PinkDecoder *self, const PinkPlace *place, unsigned width, bool is_nsec)
{
  uint8_t bytes[32];

  if (!pink_special_bytes (self, place, bytes, 4 * width))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (unsigned i = 0; i < 2; i++)
    {
      uint64_t seconds = pink_decoder_integer (self, bytes + 2 * i * width, width);
      uint64_t part = pink_decoder_integer (self, bytes + (2 * i + 1) * width, width);

      if (width == 4)
        seconds = (uint64_t) (int32_t) seconds;
      if (is_nsec && (part == 0x3fffffff || part == 0x3ffffffe))
        {
          pink_tape_enum (self->tape, part, PINK_FORM_SIGNED,
                          part == 0x3fffffff ? "UTIME_NOW" : "UTIME_OMIT", NULL);
          continue;
        }
      pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
      pink_special_member (self, "tv_sec", seconds, PINK_FORM_SIGNED);
      pink_special_member (self, is_nsec ? "tv_nsec" : "tv_usec", part, PINK_FORM_UNSIGNED);
      pink_tape_plain (self->tape, PINK_TAPE_END);
      pink_special_stamp_of (self, (int64_t) seconds, part, is_nsec ? 9 : 6);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (utime_times)
{
  PINK_SPECIAL_UNUSED;
  return show_times (self, place, pink_decoder_width (self, PINK_WIDTH_LONG), false);
}

PINK_SPECIAL (utimens_times)
{
  PINK_SPECIAL_UNUSED;
  return show_times (self, place, pink_decoder_width (self, PINK_WIDTH_LONG), true);
}

PINK_SPECIAL (utimens_times64)
{
  PINK_SPECIAL_UNUSED;
  return show_times (self, place, 8, true);
}

#define TIMER_ABSTIME 1u

/* What is left of a sleep, where it was broken off; of one up to a point in time nothing is said. */
static PinkShown
show_rest (PinkDecoder *self, const PinkType *type, unsigned index, uint64_t address)
{
  const PinkDecodeInput *input = self->input;

  if (!input->exited || !input->failed || (input->result != 516 && input->result != 4) ||
      (special_ref (self, type, 0) & TIMER_ABSTIME) != 0)
    return PINK_NOT_READ;
  return pink_decoder_read_struct (self, index, address);
}

PINK_SPECIAL (rest_timespec)
{
  return show_rest (self, type, PINK_STRUCT_TIMESPEC, place->address);
}

PINK_SPECIAL (rest_timespec64)
{
  return show_rest (self, type, PINK_STRUCT_TIMESPEC64, place->address);
}

/* ---- waiting for descriptors ---- */

PINK_SPECIAL (epoll_data)
{
  uint8_t bytes[8];

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "u32", pink_decoder_integer (self, bytes, 4), PINK_FORM_UNSIGNED);
  pink_special_member (self, "u64", pink_decoder_integer (self, bytes, 8), PINK_FORM_UNSIGNED);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (epoll_ctl_event)
{
  uint64_t address = pink_decoder_value (self, type, place);

  if (special_ref (self, type, 0) == 2) /* EPOLL_CTL_DEL */
    pink_decoder_address (self, address);
  else
    pink_special_struct (self, PINK_STRUCT_EPOLL_EVENT, address);
  return PINK_SHOWN;
}

static void
put_left (PinkDecoder *self, unsigned index, uint64_t address)
{
  if (address == 0)
    return;
  pink_tape_field (self->tape, "left");
  pink_special_struct (self, index, address);
}

static PinkShown
put_timeout (PinkDecoder *self)
{
  pink_tape_name (self->tape, PINK_TAPE_NAME, "Timeout");
  return PINK_SHOWN;
}

/* A time that the call reads, and then writes what is left of it: told as it was given. What is
 * kept has room for the seconds of 68 years. */
static PinkShown
show_given (PinkDecoder *self, const PinkPlace *place, unsigned index, unsigned width)
{
  PinkDecodeInput *input = self->input;
  unsigned n = self->argument;
  uint8_t bytes[16];
  uint64_t seconds, part;

  if (!pink_special_bytes (self, place, bytes, 2 * width))
    return PINK_NOT_READ;
  seconds = pink_decoder_integer (self, bytes, width);
  part = pink_decoder_integer (self, bytes + width, width);
  if (n < PINK_ARCH_N_REGS && !input->exited && seconds >> 31 == 0 && part >> 30 == 0)
    {
      input->kept[n] = seconds << 30 | part;
      input->has_kept |= (uint8_t) (1u << n);
    }
  if (n >= PINK_ARCH_N_REGS || (input->has_kept & (1u << n)) == 0)
    return pink_decoder_struct (self, index, bytes, 2 * width, place->address);
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "tv_sec", input->kept[n] >> 30, PINK_FORM_SIGNED);
  pink_special_member (self, "tv_nsec", input->kept[n] & 0x3fffffff, PINK_FORM_UNSIGNED);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (given_timespec)
{
  PINK_SPECIAL_UNUSED;
  return show_given (self, place, PINK_STRUCT_TIMESPEC, pink_decoder_width (self, PINK_WIDTH_LONG));
}

PINK_SPECIAL (given_timespec64)
{
  PINK_SPECIAL_UNUSED;
  return show_given (self, place, PINK_STRUCT_TIMESPEC64, 8);
}

static PinkShown
show_timeout_or_left (PinkDecoder *self, const PinkType *type, unsigned index)
{
  if (self->input->result == 0)
    return put_timeout (self);
  if (special_ref (self, type, 0) == 0)
    return PINK_NOT_SHOWN;
  put_left (self, index, special_ref (self, type, 0));
  return PINK_SHOWN;
}

PINK_SPECIAL (recvmmsg_result)
{
  PINK_SPECIAL_UNUSED;
  return show_timeout_or_left (self, type, PINK_STRUCT_TIMESPEC);
}

PINK_SPECIAL (recvmmsg_result64)
{
  PINK_SPECIAL_UNUSED;
  return show_timeout_or_left (self, type, PINK_STRUCT_TIMESPEC64);
}

PINK_SPECIAL (poll_result)
{
  uint64_t address = special_ref (self, type, 0);
  uint64_t n = (uint32_t) special_ref (self, type, 1);
  size_t most = self->input->abbreviated ? self->input->string_limit : 4096;
  bool wide = strcmp (self->call->name, "ppoll_time64") == 0;
  uint8_t many[32 * 8];
  size_t have = 0, shown = 0;

  PINK_SPECIAL_UNUSED;
  if (self->input->result == 0)
    return put_timeout (self);
  if (self->input->addresses)
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (uint64_t i = 0; i < n && !self->tape->full; i++)
    {
      const uint8_t *bytes = many + 8 * (i % 32);
      uint64_t got;

      /* One read is dearer than its bytes. */
      if (i % 32 == 0)
        have = pink_decoder_read_some (self, address + 8 * i, many, 8 * (n - i < 32 ? n - i : 32)) / 8;
      if (i % 32 >= have)
        break;
      got = pink_decoder_integer (self, bytes + 6, 2);
      if (got == 0)
        continue;
      if (shown++ >= most)
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
      pink_tape_field (self->tape, "fd");
      pink_tape_number (self->tape, (uint64_t) (int64_t) (int32_t) pink_decoder_integer (self, bytes, 4),
                        PINK_FORM_FD);
      pink_tape_field (self->tape, "revents");
      pink_decoder_flags (self, PINK_TABLE_POLL_EVENTS, got);
      pink_tape_plain (self->tape, PINK_TAPE_END);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  put_left (self, wide ? PINK_STRUCT_TIMESPEC64 : PINK_STRUCT_TIMESPEC, special_ref (self, type, 2));
  return PINK_SHOWN;
}

/* The descriptors of a set that are ready, if there are any. */
static void
put_ready (PinkDecoder *self, const char *name, uint64_t address, uint64_t n)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  uint64_t size = (n + word * 8 - 1) / (word * 8) * word;
  uint8_t bytes[128];
  bool any = false;

  if (address == 0 || size == 0 || !pink_decoder_read (self, address, bytes, size))
    return;
  for (uint64_t i = 0; i < n; i++)
    if (pink_decoder_integer (self, bytes + i / (word * 8) * word, word) >> i % (word * 8) & 1)
      {
        if (!any)
          {
            pink_tape_field (self->tape, name);
            pink_tape_set (self->tape, false);
          }
        any = true;
        pink_decoder_fd (self, (int) i, PINK_FORM_FD);
      }
  if (any)
    pink_tape_plain (self->tape, PINK_TAPE_END);
}

static PinkShown
show_ready (PinkDecoder *self, const uint64_t args[5], unsigned timeout)
{
  static const char *const names[] = { "in", "out", "except" };
  uint64_t n = (int32_t) args[0] < 0 ? 0 : args[0] > 1024 ? 1024 : args[0];
  size_t mark = pink_tape_mark (self->tape);

  if (self->input->result == 0)
    return put_timeout (self);
  for (unsigned i = 0; i < 3; i++)
    put_ready (self, names[i], args[i + 1], n);
  put_left (self, timeout, args[4]);
  return pink_tape_mark (self->tape) > mark ? PINK_SHOWN : PINK_NOT_SHOWN;
}

PINK_SPECIAL (select_result)
{
  static const unsigned timeouts[] = { PINK_STRUCT_TIMEVAL, PINK_STRUCT_TIMESPEC, PINK_STRUCT_TIMESPEC64 };
  uint64_t args[5];

  PINK_SPECIAL_UNUSED;
  for (unsigned i = 0; i < 5; i++)
    args[i] = pink_decoder_arg (self, i);
  return show_ready (self, args, timeouts[special_ref (self, type, 0)]);
}

/* Of the call that is told where its arguments are. */
PINK_SPECIAL (select_result_of)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  uint64_t args[5];

  for (unsigned i = 0; i < 5; i++)
    if (!pink_decoder_read_word (self, special_ref (self, type, 0) + i * word, word, &args[i]))
      return PINK_NOT_SHOWN;
  return show_ready (self, args, PINK_STRUCT_TIMEVAL);
}
