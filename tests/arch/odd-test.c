/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The arch-aware core, without a process: what the common code can do for the oddest
 * ABIs, on descriptions made for that.
 */
#include <glib.h>
#include <string.h>

#include "pink-arch.h"
#include "pink-arch-private.h"
#include "odd-archs.h"

static void
put_be (unsigned char *bytes, uint32_t value)
{
  value = GUINT32_TO_BE (value);
  memcpy (bytes, &value, 4);
}

static bool
read_stack (void *data, uint64_t address, void *buffer, size_t size)
{
  g_assert_cmpuint (size, ==, 4);
  g_assert_true (address == 0x7fff0010 || address == 0x7fff0014);
  if (data == NULL)
    return false;
  put_be (buffer, address == 0x7fff0010 ? 0xaaaa0005 : 0xaaaa0006);
  return true;
}

static void
test_stack_arguments (void)
{
  unsigned char regs[48] = { 0 };
  int readable = 1;
  uint64_t address = 0;
  size_t length = 0;
  PinkArchEntry entry;

  put_be (regs, 4288);
  for (unsigned i = 0; i < 4; i++)
    put_be (regs + 4 + i * 4, 0xbbbb0000 + i);
  put_be (regs + 32, 0x7fff0000);

  g_assert_true (pink_arch_decode_entry (&stack_arch, regs, sizeof regs, read_stack, &readable, &entry));
  g_assert_cmpuint (entry.number, ==, 4288);
  g_assert_cmphex (entry.args[3], ==, 0xbbbb0003);
  g_assert_cmphex (entry.args[4], ==, 0xaaaa0005);
  g_assert_cmphex (entry.args[5], ==, 0xaaaa0006);

  g_assert_true (pink_arch_decode_entry (&stack_arch, regs, sizeof regs, read_stack, NULL, &entry));
  g_assert_cmphex (entry.args[4], ==, 0);
  g_assert_true (pink_arch_decode_entry (&stack_arch, regs, sizeof regs, NULL, NULL, &entry));
  g_assert_cmphex (entry.args[5], ==, 0);

  g_assert_true (pink_arch_arg_address (&stack_arch, regs, sizeof regs, 5, &address, &length));
  g_assert_cmphex (address, ==, 0x7fff0014);
  g_assert_cmpuint (length, ==, 4);
  g_assert_false (pink_arch_arg_address (&stack_arch, regs, sizeof regs, 3, &address, &length));
  g_assert_false (pink_arch_arg_address (&stack_arch, regs, sizeof regs, 6, &address, &length));
  g_assert_false (pink_arch_encode_arg (&stack_arch, regs, sizeof regs, 5, 1));
  g_assert_true (pink_arch_encode_arg (&stack_arch, regs, sizeof regs, 3, 1));
}

static void
test_error_flags (void)
{
  unsigned char regs[52] = { 0 };
  PinkArchExit result;

  put_be (regs + 20, 2);
  g_assert_true (pink_arch_decode_exit (&stack_arch, regs, 48, &result));
  g_assert_false (result.is_error);
  g_assert_cmpint (result.value, ==, 2);
  put_be (regs + 24, 1);
  g_assert_true (pink_arch_decode_exit (&stack_arch, regs, 48, &result));
  g_assert_true (result.is_error);
  g_assert_cmpint (result.value, ==, 2);

  /* sc: the bit among others. */
  put_be (regs + 36, 0xc00);
  put_be (regs + 24, 0x24000000);
  g_assert_true (pink_arch_decode_exit (&two_conventions_arch, regs, 52, &result));
  g_assert_false (result.is_error);
  put_be (regs + 24, 0x34000000);
  g_assert_true (pink_arch_decode_exit (&two_conventions_arch, regs, 52, &result));
  g_assert_true (result.is_error);
  g_assert_cmpint (result.value, ==, 2);
  g_assert_true (pink_arch_encode_result (&two_conventions_arch, regs, 52, 7, false));
  g_assert_cmphex (regs[24], ==, 0x24);
  g_assert_true (pink_arch_encode_result (&two_conventions_arch, regs, 52, 7, true));
  g_assert_cmphex (regs[24], ==, 0x34);
  g_assert_cmpint (regs[23], ==, 7);

  /* scv: −errno, whatever the bit. */
  put_be (regs + 36, 0x3001);
  g_assert_true (pink_arch_decode_exit (&two_conventions_arch, regs, 52, &result));
  g_assert_false (result.is_error);
  put_be (regs + 20, (uint32_t) -2);
  g_assert_true (pink_arch_decode_exit (&two_conventions_arch, regs, 52, &result));
  g_assert_true (result.is_error);
  g_assert_cmpint (result.value, ==, 2);
}

static void
test_number_apart (void)
{
  unsigned char regs[52] = { 0 };

  g_assert_cmpint (pink_arch_number_way (&apart_arch, PINK_ARCH_AARCH64), ==,
                   PINK_ARCH_NUMBER_BY_SYSTEM_CALL_REGSET);
  g_assert_cmpint (pink_arch_number_way (&apart_arch, PINK_ARCH_ARM), ==,
                   PINK_ARCH_NUMBER_BY_SET_SYSCALL);
  g_assert_false (pink_arch_encode_number (&apart_arch, regs, sizeof regs, 1));
  g_assert_true (pink_arch_encode_arg (&apart_arch, regs, sizeof regs, 0, 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/arch/odd/stack-arguments", test_stack_arguments);
  g_test_add_func ("/arch/odd/error-flags", test_error_flags);
  g_test_add_func ("/arch/odd/number-apart", test_number_apart);

  return g_test_run ();
}
