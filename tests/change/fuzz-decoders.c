/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Everything that reads what a tracee has in its memory, over memory made of random
 * pieces: fuzz-decoders SECONDS [SEED], or PINK_FUZZ_SECONDS in the environment.
 * Built with AddressSanitizer and UBSan, and with the library's own sources; there
 * is no tracee.
 *
 * The pieces are small, often side by side, and often hold addresses of each other,
 * short lengths and the families of sockets: random bytes alone go nowhere.
 */
#include "pinktrace-glib.h"

#include "engine/pink-rules.h"
#include "pink-memory-private.h"
#include "pink-syscall-event-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASE G_GUINT64_CONSTANT (0x7f0000000000)
#define N_PIECES 24

static GRand *dice;

static guint64
number (void)
{
  static const guint64 odd[] = { 0, 1, 2, 3, 16, 28, 110, 128, 129, 0x7fffffff, 0x80000000, 0xffffffff,
                                 G_MAXUINT64, G_MAXINT64, 0x800000000000, 0xfff };

  switch (g_rand_int_range (dice, 0, 4))
    {
    case 0:
      return odd[g_rand_int_range (dice, 0, G_N_ELEMENTS (odd))];
    case 1:
      return g_rand_int_range (dice, 0, 64);
    case 2:
      return BASE + (guint64) g_rand_int_range (dice, 0, N_PIECES * 64);
    default:
      return (guint64) g_rand_int (dice) << 32 | g_rand_int (dice);
    }
}

static PinkSnapshot *
memory (void)
{
  PinkSnapshot *snapshot = _pink_snapshot_new ();

  for (guint i = 0; i < N_PIECES; i++)
    {
      guint8 bytes[64];
      guint64 value;

      for (guint at = 0; at < sizeof bytes; at += 8)
        {
          value = number ();
          memcpy (bytes + at, &value, sizeof value);
        }
      if (g_rand_boolean (dice))
        bytes[0] = (guint8) g_rand_int_range (dice, 0, 18); /* a family */
      if (g_rand_boolean (dice))
        bytes[1] = 0;
      if (g_rand_int_range (dice, 0, 8) != 0)
        _pink_snapshot_add (snapshot, BASE + i * 64, bytes, (gsize) g_rand_int_range (dice, 1, 65));
    }
  return snapshot;
}

static void
read_everything (PinkSyscallEvent *event)
{
  g_autofree char *text = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GSocketAddress) address = NULL;

  for (guint i = 0; i < pink_syscall_event_get_n_arguments (event); i++)
    {
      g_autofree char *string = pink_syscall_event_read_string (event, i, NULL);
      g_autofree char *escaped = pink_syscall_event_read_string_escaped (event, i, NULL);
      g_autoptr (GBytes) bytes = pink_syscall_event_read_bytes (event, i, (gsize) (number () & 0xffff), NULL);
      g_auto (GStrv) strings = pink_syscall_event_read_string_array (event, i, NULL);
      g_auto (GStrv) texts = pink_syscall_event_read_string_array_escaped (event, i, NULL);

      g_assert (escaped == NULL || g_utf8_validate (escaped, -1, NULL));
      for (guint j = 0; texts != NULL && texts[j] != NULL; j++)
        g_assert (g_utf8_validate (texts[j], -1, NULL));
    }
  address = pink_syscall_event_read_socket_address (event, NULL);
  if (address != NULL)
    {
      g_autofree char *shown = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
      guint8 native[256];

      g_assert (g_socket_address_get_native_size (address) <= 130);
      g_socket_address_to_native (address, native, sizeof native, NULL);
    }
  text = pink_syscall_event_to_string (event);
  g_assert (g_utf8_validate (text, -1, NULL));
  variant = g_variant_ref_sink (pink_syscall_event_to_variant (event));
}

static void
one_call (PinkTracee *tracee)
{
  PinkStop stop = { .kind = PINK_STOP_EXIT, .cpu_us = -1 };
  g_autoptr (PinkSyscallEvent) event = NULL;

  /* Little-endian ones of 32 and 64 bits, and one of the other order. */
  static const PinkArchId ids[] = { PINK_ARCH_X86_64, PINK_ARCH_I386, PINK_ARCH_X32, PINK_ARCH_AARCH64,
                                    PINK_ARCH_S390X, PINK_ARCH_POWERPC };
  static const char * const likely[] = { "connect", "socketcall", "sendmsg", "accept", "recvfrom", "sendto",
                                         "execve", "openat", "write", "recvmsg", "getsockname" };
  const char *name = likely[g_rand_int_range (dice, 0, G_N_ELEMENTS (likely))];

  stop.arch = pink_arch_get (ids[g_rand_int_range (dice, 0, G_N_ELEMENTS (ids))]);
  stop.entry.number = (guint64) pink_arch_syscall_number (stop.arch, name);
  if (g_rand_int_range (dice, 0, 3) == 0)
    stop.entry.number = (guint64) g_rand_int_range (dice, 0, 500);
  stop.row = pink_arch_syscall_index (stop.arch, stop.entry.number);
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    stop.entry.args[i] = number ();
  if (g_strcmp0 (name, "socketcall") == 0)
    stop.entry.args[0] = (guint64) g_rand_int_range (dice, 0, 24);
  stop.exit.value = (gint64) number ();
  stop.exit.is_error = g_rand_int_range (dice, 0, 4) == 0;
  event = _pink_syscall_event_new (tracee, &stop);
  event->has_result = g_rand_boolean (dice);
  event->string_limit = (guint) g_rand_int_range (dice, 0, 100);
  event->text_flags = (PinkTextFlags) g_rand_int_range (dice, 0, PINK_TEXT_DESCRIPTORS);
  event->snapshot = memory ();
  read_everything (event);
}

static void
one_path (void)
{
  static const char alphabet[] = "/..*?ab";
  char path[64], pattern[32];
  guint n = (guint) g_rand_int_range (dice, 0, sizeof path);
  guint m = (guint) g_rand_int_range (dice, 0, sizeof pattern);

  for (guint i = 0; i < n; i++)
    path[i] = alphabet[g_rand_int_range (dice, 0, sizeof alphabet - 1)];
  path[n] = '\0';
  for (guint i = 0; i < m; i++)
    pattern[i] = alphabet[g_rand_int_range (dice, 0, sizeof alphabet - 1)];
  pattern[m] = '\0';
  pink_rule_path_clean (path);
  g_assert (strlen (path) <= MAX (n, 1));
  if (path[0] == '/')
    g_assert (strstr (path, "//") == NULL && strstr (path, "/./") == NULL && strstr (path, "/../") == NULL);
  pink_rule_path_matches (pattern, path);
}

int
main (int    argc,
      char **argv)
{
  const char *given = g_getenv ("PINK_FUZZ_SECONDS");
  double seconds = given != NULL ? g_ascii_strtod (given, NULL) : argc > 1 ? g_ascii_strtod (argv[1], NULL) : 1;
  guint32 seed = argc > 2 ? (guint32) strtoul (argv[2], NULL, 0) : g_random_int ();
  gint64 end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  g_autoptr (PinkTracee) tracee = g_object_new (PINK_TYPE_TRACEE, NULL);
  guint n = 0;

  printf ("1..1\n# seed %#x\n", seed);
  fflush (stdout);
  dice = g_rand_new_with_seed (seed);
  while (g_get_monotonic_time () < end)
    for (guint i = 0; i < 20; i++, n++)
      {
        one_call (tracee);
        one_path ();
      }
  g_rand_free (dice);
  printf ("# %u calls\nok 1 - fuzz-decoders\n", n);
  return 0;
}
