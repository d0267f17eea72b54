/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The arch-aware core, without a process: register sets of every ABI, from
 * fixtures.txt, which tells where they are from.
 */
#include <glib.h>
#include <string.h>

#include "pink-arch.h"
#include "pink-arch-private.h"

typedef struct
{
  uint64_t address;
  uint64_t value;
} Word;

typedef struct
{
  unsigned char bytes[PINK_ARCH_MAX_REGSET];
  size_t        size;
} Regs;

typedef struct
{
  const PinkArch *arch;
  PinkArchId      host;
  char           *origin;
  PinkArchEntry   entry;
  Regs            entry_regs, error_regs, result_regs;
  int64_t         error, result;
  Word            memory[PINK_ARCH_N_REGS];
  unsigned        n_words;
} Fixture;

static GArray *fixtures;

/* ---- reading them ---- */

static uint64_t
number_of (const char *text)
{
  char *end;
  uint64_t value = text[0] == '-' ? (uint64_t) g_ascii_strtoll (text, &end, 0)
                                  : g_ascii_strtoull (text, &end, 0);

  g_assert_true (end != text && *end == '\0');
  return value;
}

static PinkArchId
id_of (const char *name)
{
  for (int id = PINK_ARCH_UNKNOWN + 1; id < PINK_ARCH_N_IDS; id++)
    if (strcmp (pink_arch_name (pink_arch_get (id)), name) == 0)
      return id;

  g_error ("no ABI called '%s'", name);
}

static void
read_hex (Regs *regs, const char *hex)
{
  regs->size = strlen (hex) / 2;
  g_assert_cmpuint (regs->size, <=, sizeof regs->bytes);
  for (size_t i = 0; i < regs->size; i++)
    regs->bytes[i] = (unsigned char) (g_ascii_xdigit_value (hex[2 * i]) << 4
                                      | g_ascii_xdigit_value (hex[2 * i + 1]));
}

static void
read_words (const PinkArch *arch, Regs *regs, char **words)
{
  unsigned width = (unsigned) number_of (words[1]);

  regs->size = number_of (words[0]);
  memset (regs->bytes, 0xa5, sizeof regs->bytes);
  for (words += 2; *words != NULL; words++)
    {
      g_auto (GStrv) pair = g_strsplit (*words, "=", 2);
      uint64_t index = number_of (pair[0]), value = number_of (pair[1]);

      g_assert_cmpuint ((index + 1) * width, <=, regs->size);
      for (unsigned i = 0; i < width; i++)
        regs->bytes[index * width + (pink_arch_is_big_endian (arch) ? width - 1 - i : i)]
          = (unsigned char) (value >> (8 * i));
    }
}

static bool
read_regs (Fixture *fixture, char **words)
{
  const struct
  {
    const char *name;
    Regs       *regs;
  } sets[] = {
    { "entry", &fixture->entry_regs },
    { "error", &fixture->error_regs },
    { "result", &fixture->result_regs },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (sets); i++)
    if (g_str_has_prefix (words[0], sets[i].name))
      {
        const char *form = words[0] + strlen (sets[i].name);

        if (strcmp (form, "-regs") == 0)
          read_hex (sets[i].regs, words[1]);
        else if (strcmp (form, "-words") == 0)
          read_words (fixture->arch, sets[i].regs, words + 1);
        else
          return false;
        return true;
      }
  return false;
}

static void
read_line (char **words, const char *line)
{
  Fixture *fixture = fixtures->len > 0 ? &g_array_index (fixtures, Fixture, fixtures->len - 1) : NULL;

  if (strcmp (words[0], "fixture") == 0)
    {
      Fixture new = { .arch = pink_arch_get (id_of (words[1])), .host = id_of (words[2]) };

      new.origin = g_strdup (line);
      g_array_append_val (fixtures, new);
      return;
    }

  g_assert_nonnull (fixture);
  if (read_regs (fixture, words))
    return;
  if (strcmp (words[0], "entry") == 0)
    {
      g_assert_cmpuint (g_strv_length (words), ==, 10);
      pink_arch_entry_from_info (fixture->arch, number_of (words[1]),
                                 (uint64_t[6]) { number_of (words[2]), number_of (words[3]),
                                                 number_of (words[4]), number_of (words[5]),
                                                 number_of (words[6]), number_of (words[7]) },
                                 &fixture->entry);
      fixture->entry.ip = number_of (words[8]);
      fixture->entry.sp = number_of (words[9]);
    }
  else if (strcmp (words[0], "memory") == 0)
    {
      g_assert_cmpuint (fixture->n_words, <, G_N_ELEMENTS (fixture->memory));
      fixture->memory[fixture->n_words++] = (Word) { number_of (words[1]), number_of (words[2]) };
    }
  else if (strcmp (words[0], "error") == 0)
    fixture->error = (int64_t) number_of (words[1]);
  else if (strcmp (words[0], "result") == 0)
    fixture->result = (int64_t) number_of (words[1]);
  else
    g_error ("not understood: %s", line);
}

static void
read_fixtures (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "arch", "fixtures.txt", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;

  fixtures = g_array_new (FALSE, TRUE, sizeof (Fixture));
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) words = g_strsplit (*line, " ", -1);

      if (words[0] != NULL && words[0][0] != '\0' && words[0][0] != '#')
        read_line (words, *line);
    }
}

/* ---- what is asked of each ---- */

static bool
read_memory (void *data, uint64_t address, void *buffer, size_t size)
{
  const Fixture *fixture = data;
  unsigned char *bytes = buffer;

  for (unsigned i = 0; i < fixture->n_words; i++)
    if (fixture->memory[i].address == address)
      {
        for (size_t b = 0; b < size; b++)
          bytes[pink_arch_is_big_endian (fixture->arch) ? size - 1 - b : b]
            = (unsigned char) (fixture->memory[i].value >> (8 * b));
        return true;
      }
  return false;
}

static void
decode (const Fixture *fixture, const Regs *regs, PinkArchEntry *entry)
{
  g_assert_true (pink_arch_decode_entry (fixture->arch, regs->bytes, regs->size, read_memory,
                                         (void *) fixture, entry));
}

static void
assert_same (const PinkArchEntry *a, const PinkArchEntry *b)
{
  g_assert_cmpuint (a->number, ==, b->number);
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    g_assert_cmphex (a->args[i], ==, b->args[i]);
  g_assert_cmphex (a->ip, ==, b->ip);
  g_assert_cmphex (a->sp, ==, b->sp);
}

static void
test_entry (const Fixture *fixture)
{
  const Regs *regs = &fixture->entry_regs;
  int row = pink_arch_syscall_index (fixture->arch, fixture->entry.number);
  PinkArchEntry entry;

  decode (fixture, regs, &entry);
  assert_same (&entry, &fixture->entry);
  g_assert_true (pink_arch_from_regset (fixture->host, regs->bytes, regs->size) == fixture->arch);
  g_assert_cmpint (row, >=, 0);
  g_assert_cmpstr (pink_arch_syscall ((unsigned) row)->name, ==, "openat");
  g_assert_cmpint (pink_arch_arg_value (fixture->arch, pink_arch_syscall ((unsigned) row), 0, entry.args),
                   ==, -100);
}

static void
test_exits (const Fixture *fixture)
{
  PinkArchExit result;

  g_assert_true (pink_arch_decode_exit (fixture->arch, fixture->error_regs.bytes,
                                        fixture->error_regs.size, &result));
  g_assert_true (result.is_error);
  g_assert_cmpint (result.value, ==, -fixture->error);
  g_assert_cmpstr (pink_arch_errno_name (fixture->arch, (int) result.value), ==, "ENOENT");
  g_assert_cmphex (result.ip, ==, fixture->entry.ip);
  g_assert_cmphex (result.sp, ==, fixture->entry.sp);

  g_assert_true (pink_arch_decode_exit (fixture->arch, fixture->result_regs.bytes,
                                        fixture->result_regs.size, &result));
  g_assert_false (result.is_error);
  g_assert_cmpint (result.value, ==, fixture->result);
}

/* No byte outside the register that is changed. */
static unsigned
n_changed (const Regs *a, const Regs *b)
{
  unsigned n = 0;

  for (size_t i = 0; i < a->size; i++)
    n += a->bytes[i] != b->bytes[i];
  return n;
}

static void
test_arguments (const Fixture *fixture)
{
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    {
      const uint64_t value = 0x7e8d9cab;
      PinkArchEntry expected = fixture->entry, entry;
      Regs regs = fixture->entry_regs;
      uint64_t address;
      size_t length;
      bool in_memory = pink_arch_arg_address (fixture->arch, regs.bytes, regs.size, i, &address, &length);

      g_assert_cmpint (pink_arch_encode_arg (fixture->arch, regs.bytes, regs.size, i, value), ==, !in_memory);
      if (in_memory)
        {
          g_assert_cmpuint (n_changed (&regs, &fixture->entry_regs), ==, 0);
          g_assert_cmpuint (length, ==, fixture->arch->reg_size);
          g_assert_true (read_memory ((void *) fixture, address, &regs, length));
          continue;
        }
      expected.args[i] = value;
      decode (fixture, &regs, &entry);
      assert_same (&entry, &expected);
      /* The argument, and the copy that some keep of the first. */
      g_assert_cmpuint (n_changed (&regs, &fixture->entry_regs), <=, i == 0 ? 16 : 8);
    }
}

static void
test_numbers (const Fixture *fixture)
{
  const uint64_t numbers[] = { (uint64_t) pink_arch_syscall_number (fixture->arch, "getpid"), UINT64_MAX };

  for (unsigned i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      PinkArchEntry expected = fixture->entry, entry;
      Regs regs = fixture->entry_regs;
      bool here = pink_arch_number_way (fixture->arch, fixture->host) == PINK_ARCH_NUMBER_IN_REGSET;

      g_assert_cmpint (pink_arch_encode_number (fixture->arch, regs.bytes, regs.size, numbers[i]), ==, here);
      if (!here)
        {
          g_assert_cmpuint (n_changed (&regs, &fixture->entry_regs), ==, 0);
          continue;
        }
      expected.number = numbers[i];
      decode (fixture, &regs, &entry);
      assert_same (&entry, &expected);
      g_assert_cmpuint (n_changed (&regs, &fixture->entry_regs), <=, 8);
    }
}

static void
set_and_look (const Fixture *fixture, const Regs *before, int64_t value, bool is_error)
{
  Regs regs = *before;
  PinkArchExit result, untouched;

  g_assert_true (pink_arch_decode_exit (fixture->arch, regs.bytes, regs.size, &untouched));
  g_assert_true (pink_arch_encode_result (fixture->arch, regs.bytes, regs.size, value, is_error));
  g_assert_true (pink_arch_decode_exit (fixture->arch, regs.bytes, regs.size, &result));
  g_assert_cmpint (result.value, ==, value);
  g_assert_cmpint (result.is_error, ==, is_error);
  g_assert_cmphex (result.ip, ==, untouched.ip);
  g_assert_cmphex (result.sp, ==, untouched.sp);
  g_assert_cmpuint (n_changed (&regs, before), <=, 16);
}

static void
test_results (const Fixture *fixture)
{
  const Regs *sets[] = { &fixture->error_regs, &fixture->result_regs };

  for (unsigned i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      set_and_look (fixture, sets[i], 0, false);
      set_and_look (fixture, sets[i], 0x7654321, false);
      set_and_look (fixture, sets[i], 1, true);
      set_and_look (fixture, sets[i], 18, true);
      set_and_look (fixture, sets[i], 4095, true);
      set_and_look (fixture, sets[i], -5000, false);
      if (pink_arch_word_size (fixture->arch) == 8)
        set_and_look (fixture, sets[i], G_GINT64_CONSTANT (0x7fff12345678), false);
    }
}

/* From the exit of a call to another one: behind the instruction, less its size. */
static void
test_again (const Fixture *fixture)
{
  const uint64_t number = (uint64_t) pink_arch_syscall_number (fixture->arch, "getpid");
  const uint64_t args[PINK_ARCH_N_REGS] = { 0x7e8d9cab, 2, 3, 4 };
  const PinkArchLayout *layout = pink_arch_layout (fixture->arch, fixture->result_regs.size);
  Regs regs = fixture->result_regs;
  bool known = fixture->arch->call_size != 0;
  uint64_t ip_mask = fixture->arch->ip_mask != 0 ? fixture->arch->ip_mask : UINT64_MAX, mode;
  bool is_thumb = fixture->arch->id == PINK_ARCH_ARM && (regs.bytes[64] & 0x20); /* cpsr */

  g_assert_cmpint (pink_arch_encode_again (fixture->arch, regs.bytes, regs.size, number,
                                           fixture->entry.ip, args), ==, known);
  if (!known)
    return;
  mode = pink_arch_field_get (fixture->arch, fixture->result_regs.bytes, layout->ip) & ~ip_mask;
  g_assert_cmphex (pink_arch_field_get (fixture->arch, regs.bytes, layout->ip), ==,
                   mode | (fixture->entry.ip - (is_thumb ? 2 : fixture->arch->call_size)));
  if (pink_arch_number_at_entry (fixture->arch))
    g_assert_cmphex (pink_arch_field_get (fixture->arch, regs.bytes, layout->result), ==, 0);
  else
    g_assert_cmphex ((uint32_t) pink_arch_field_get (fixture->arch, regs.bytes, layout->next_number), ==,
                     (uint32_t) pink_arch_raw_number (fixture->arch, number));
  for (unsigned i = 0; i < 4; i++)
    g_assert_cmphex (pink_arch_field_get (fixture->arch, regs.bytes,
                                          i == 0 && layout->next_arg0.size != 0 ? layout->next_arg0
                                                                                : layout->args[i]),
                     ==, args[i]);
}

/* Nothing is read or written where the size does not fit. */
static void
test_sizes (const Fixture *fixture)
{
  for (size_t size = 0; size <= PINK_ARCH_MAX_REGSET; size++)
    {
      g_autofree unsigned char *regs = NULL;
      PinkArchEntry entry;
      PinkArchExit result;

      if (pink_arch_layout (fixture->arch, size) != NULL)
        continue;
      regs = g_malloc0 (size);
      g_assert_false (pink_arch_decode_entry (fixture->arch, regs, size, NULL, NULL, &entry));
      g_assert_false (pink_arch_decode_exit (fixture->arch, regs, size, &result));
      g_assert_false (pink_arch_encode_number (fixture->arch, regs, size, 1));
      g_assert_false (pink_arch_encode_arg (fixture->arch, regs, size, 1, 1));
      g_assert_false (pink_arch_encode_result (fixture->arch, regs, size, 1, false));
    }
}

static void
test_fixture (gconstpointer data)
{
  const Fixture *fixture = data;

  g_test_message ("%s", fixture->origin);
  test_entry (fixture);
  test_exits (fixture);
  test_arguments (fixture);
  test_numbers (fixture);
  test_results (fixture);
  test_again (fixture);
  test_sizes (fixture);
}

static void
test_every_abi (void)
{
  for (int id = PINK_ARCH_UNKNOWN + 1; id < PINK_ARCH_N_IDS; id++)
    {
      unsigned n = 0;

      for (unsigned i = 0; i < fixtures->len; i++)
        n += pink_arch_id (g_array_index (fixtures, Fixture, i).arch) == (PinkArchId) id;
      if (n == 0)
        g_error ("no fixture of %s", pink_arch_name (pink_arch_get (id)));
    }
}

/* ---- identities, from linux/audit.h and linux/elf-em.h ---- */

static void
test_identities (void)
{
  static const struct
  {
    PinkArchId id;
    uint32_t   audit;
    uint16_t   machine;
    unsigned   word;
    bool       big_endian;
  } cases[] = {
    { PINK_ARCH_X86_64, 0xc000003e, 62, 8, false },
    { PINK_ARCH_I386, 0x40000003, 3, 4, false },
    { PINK_ARCH_X32, 0xc000003e, 62, 4, false },
    { PINK_ARCH_AARCH64, 0xc00000b7, 183, 8, false },
    { PINK_ARCH_ARM, 0x40000028, 40, 4, false },
    { PINK_ARCH_POWERPC, 0x00000014, 20, 4, true },
    { PINK_ARCH_POWERPC64, 0x80000015, 21, 8, true },
    { PINK_ARCH_POWERPC64LE, 0xc0000015, 21, 8, false },
    { PINK_ARCH_IA64, 0xc0000032, 50, 8, false },
    { PINK_ARCH_RISCV64, 0xc00000f3, 243, 8, false },
    { PINK_ARCH_S390X, 0x80000016, 22, 8, true },
    { PINK_ARCH_S390, 0x00000016, 22, 4, true },
    { PINK_ARCH_MIPS_O32, 0x00000008, 8, 4, true },
    { PINK_ARCH_MIPS_N32, 0xa0000008, 8, 4, true },
    { PINK_ARCH_MIPS_N64, 0x80000008, 8, 8, true },
    { PINK_ARCH_MIPSEL_O32, 0x40000008, 8, 4, false },
    { PINK_ARCH_MIPSEL_N32, 0xe0000008, 8, 4, false },
    { PINK_ARCH_MIPSEL_N64, 0xc0000008, 8, 8, false },
    { PINK_ARCH_LOONGARCH64, 0xc0000102, 258, 8, false },
  };

  g_assert_cmpuint (G_N_ELEMENTS (cases), ==, PINK_ARCH_N_IDS - 1);
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const PinkArch *arch = pink_arch_get (cases[i].id);

      g_assert_cmpint (pink_arch_id (arch), ==, cases[i].id);
      g_assert_cmphex (pink_arch_audit (arch), ==, cases[i].audit);
      g_assert_cmpint (pink_arch_elf_machine (arch), ==, cases[i].machine);
      g_assert_cmpuint (pink_arch_word_size (arch), ==, cases[i].word);
      g_assert_cmpint (pink_arch_is_big_endian (arch), ==, cases[i].big_endian);
      if (cases[i].id != PINK_ARCH_X32)
        g_assert_true (pink_arch_from_audit (cases[i].audit, 3) == arch);
    }
}

static void
test_arm_old_abi (void)
{
  const PinkArch *arm = pink_arch_get (PINK_ARCH_ARM);

  g_assert_true (pink_arch_is_old_abi (arm, 0x900003));
  g_assert_cmpuint (pink_arch_table_number (arm, 0x900003), ==, 3);
  g_assert_true (pink_arch_is_old_abi (arm, 0x9f0002));
  g_assert_cmpuint (pink_arch_table_number (arm, 0x9f0002), ==, 0xf0002);
  g_assert_false (pink_arch_is_old_abi (arm, 3));
  g_assert_false (pink_arch_is_old_abi (arm, 0xf0002));
  g_assert_cmpuint (pink_arch_table_number (arm, 0xf0002), ==, 0xf0002);
  g_assert_false (pink_arch_is_old_abi (arm, UINT64_MAX));
  g_assert_false (pink_arch_is_old_abi (arm, UINT32_MAX));
  g_assert_cmphex (pink_arch_table_number (arm, UINT32_MAX), ==, UINT64_MAX);
  g_assert_cmpuint (pink_arch_raw_number (arm, 3), ==, 3);
  g_assert_false (pink_arch_is_old_abi (pink_arch_get (PINK_ARCH_AARCH64), 0x900003));
}

/* A frame that is smaller than six outputs, or nonsense, leads nowhere. */
static void
test_ia64_frames (void)
{
  const PinkArch *ia64 = pink_arch_get (PINK_ARCH_IA64);
  const struct
  {
    uint64_t frame;
    unsigned n_args;
  } cases[] = { { 0, 0 }, { 2, 2 }, { 5 << 7 | 8, 3 }, { 5 << 7 | 5, 0 }, { 127 << 7 | 3, 0 },
                { UINT64_MAX, 0 }, { 127, 6 } };
  unsigned char regs[456] = { 0 };
  const PinkArchField frame = { 43 * 8, 8 };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      uint64_t address;
      size_t length;

      pink_arch_field_set (ia64, regs, frame, cases[i].frame);
      for (unsigned arg = 0; arg < PINK_ARCH_N_REGS; arg++)
        g_assert_cmpint (pink_arch_arg_address (ia64, regs, sizeof regs, arg, &address, &length), ==,
                         arg < cases[i].n_args);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  read_fixtures ();
  for (unsigned i = 0; i < fixtures->len; i++)
    {
      const Fixture *fixture = &g_array_index (fixtures, Fixture, i);
      g_autofree char *path = g_strdup_printf ("/arch/registers/%s-%u", pink_arch_name (fixture->arch), i + 1);

      g_test_add_data_func (path, fixture, test_fixture);
    }
  g_test_add_func ("/arch/registers/every-abi", test_every_abi);
  g_test_add_func ("/arch/registers/identities", test_identities);
  g_test_add_func ("/arch/registers/arm-old-abi", test_arm_old_abi);
  g_test_add_func ("/arch/registers/ia64-frames", test_ia64_frames);

  return g_test_run ();
}
