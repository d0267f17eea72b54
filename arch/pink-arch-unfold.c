/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * socketcall() and ipc(): one system call for many, which older ABIs have. What a
 * program asked for stands in the first argument, and the arguments of that behind
 * a pointer (socketcall) or in an order of their own (ipc).
 */
#include <string.h>

#include "pink-arch-private.h"

#define NTH(n) ((uint8_t) (n)) /* the folded call's argument n */
#define AT_PTR 0x10            /* the word at its argument 4 */
#define AFTER_PTR 0x11         /* the word after that */
#define FIFTH 0x12             /* its argument 5; on s390, which has none, 3 */

typedef struct
{
  const char *name; /* NULL: no such */
  uint8_t     n_args;
  uint8_t     args[PINK_ARCH_N_REGS]; /* where each is; of ipc only */
} Unfolding;

static const Unfolding sockets[] = {
  [1] = { .name = "socket", .n_args = 3 },
  [2] = { .name = "bind", .n_args = 3 },
  [3] = { .name = "connect", .n_args = 3 },
  [4] = { .name = "listen", .n_args = 2 },
  [5] = { .name = "accept", .n_args = 3 },
  [6] = { .name = "getsockname", .n_args = 3 },
  [7] = { .name = "getpeername", .n_args = 3 },
  [8] = { .name = "socketpair", .n_args = 4 },
  [9] = { .name = "send", .n_args = 4 },
  [10] = { .name = "recv", .n_args = 4 },
  [11] = { .name = "sendto", .n_args = 6 },
  [12] = { .name = "recvfrom", .n_args = 6 },
  [13] = { .name = "shutdown", .n_args = 2 },
  [14] = { .name = "setsockopt", .n_args = 5 },
  [15] = { .name = "getsockopt", .n_args = 5 },
  [16] = { .name = "sendmsg", .n_args = 3 },
  [17] = { .name = "recvmsg", .n_args = 3 },
  [18] = { .name = "accept4", .n_args = 4 },
  [19] = { .name = "recvmmsg", .n_args = 5 },
  [20] = { .name = "sendmmsg", .n_args = 4 },
};

/* ipc (call, first, second, third, ptr, fifth) */
static const Unfolding ipcs[] = {
  [1] = { "semop", 3, { NTH (1), NTH (4), NTH (2) } },
  [2] = { "semget", 3, { NTH (1), NTH (2), NTH (3) } },
  [3] = { "semctl", 4, { NTH (1), NTH (2), NTH (3), AT_PTR } },
  [4] = { "semtimedop", 4, { NTH (1), NTH (4), NTH (2), FIFTH } },
  [11] = { "msgsnd", 4, { NTH (1), NTH (4), NTH (2), NTH (3) } },
  [12] = { "msgrcv", 5, { NTH (1), AT_PTR, NTH (2), AFTER_PTR, NTH (3) } },
  [13] = { "msgget", 2, { NTH (1), NTH (2) } },
  [14] = { "msgctl", 3, { NTH (1), NTH (2), NTH (4) } },
  [21] = { "shmat", 3, { NTH (1), NTH (4), NTH (2) } },
  [22] = { "shmdt", 1, { NTH (4) } },
  [23] = { "shmget", 3, { NTH (1), NTH (2), NTH (3) } },
  [24] = { "shmctl", 3, { NTH (1), NTH (2), NTH (4) } },
};

/* The newer form of msgrcv, told by a version in the upper half of the first
 * argument. */
static const Unfolding new_msgrcv = { "msgrcv", 5, { NTH (1), NTH (4), NTH (2), FIFTH, NTH (3) } };

static int
row_of (const PinkArch *arch, const char *name)
{
  int64_t number = pink_arch_syscall_number (arch, name);

  return number >= 0 ? pink_arch_syscall_index (arch, (uint64_t) number)
                     : pink_arch_syscall_row (name);
}

static bool
read_words (const PinkArch *arch, uint64_t address, unsigned n, uint64_t *words, PinkArchReadFunc read,
            void *data)
{
  unsigned char bytes[PINK_ARCH_N_REGS * 8];

  if (read == NULL || !read (data, address, bytes, (size_t) n * arch->word_size))
    return false;

  for (unsigned i = 0; i < n; i++)
    {
      const PinkArchField word = { (uint16_t) (i * arch->word_size), arch->word_size };

      words[i] = pink_arch_field_get (arch, bytes, word);
    }
  return true;
}

const char *
pink_arch_socket_subcall (unsigned which)
{
  return which < sizeof sockets / sizeof sockets[0] ? sockets[which].name : NULL;
}

static bool
unfold_socketcall (const PinkArch *arch, const PinkArchEntry *entry, PinkArchReadFunc read, void *data,
                   PinkArchUnfolded *unfolded)
{
  uint64_t which = entry->args[0];
  const Unfolding *how;

  if (which >= sizeof sockets / sizeof sockets[0] || sockets[which].name == NULL)
    return false;

  how = &sockets[which];
  unfolded->row = row_of (arch, how->name);
  unfolded->in_memory = (uint8_t) ((1u << how->n_args) - 1);
  for (unsigned i = 0; i < how->n_args; i++)
    unfolded->address[i] = entry->args[1] + (uint64_t) i * arch->word_size;

  return read_words (arch, entry->args[1], how->n_args, unfolded->args, read, data);
}

static bool
unfold_ipc (const PinkArch *arch, const PinkArchEntry *entry, PinkArchReadFunc read, void *data,
            PinkArchUnfolded *unfolded)
{
  uint64_t which = entry->args[0] & 0xffff;
  bool five_only = arch->id == PINK_ARCH_S390 || arch->id == PINK_ARCH_S390X;
  const Unfolding *how;

  if (which >= sizeof ipcs / sizeof ipcs[0] || ipcs[which].name == NULL)
    return false;

  how = which == 12 && (entry->args[0] >> 16 & 0xffff) != 0 ? &new_msgrcv : &ipcs[which];
  unfolded->row = row_of (arch, how->name);
  for (unsigned i = 0; i < how->n_args; i++)
    {
      uint8_t from = how->args[i];

      if (from == AT_PTR || from == AFTER_PTR)
        {
          unfolded->in_memory |= (uint8_t) (1u << i);
          unfolded->address[i] = entry->args[4] + (from == AFTER_PTR ? arch->word_size : 0);
          if (!read_words (arch, unfolded->address[i], 1, &unfolded->args[i], read, data))
            return false;
          continue;
        }

      if (from == FIFTH)
        from = five_only ? 3 : 5;
      unfolded->args[i] = entry->args[from];
      unfolded->from[i] = from;
    }
  return true;
}

bool
pink_arch_unfold (const PinkArch *arch, const PinkArchEntry *entry, PinkArchReadFunc read, void *data,
                  PinkArchUnfolded *unfolded)
{
  int row = pink_arch_syscall_index (arch, entry->number);
  const char *name = row >= 0 ? pink_arch_syscall ((unsigned) row)->name : NULL;

  if (name == NULL)
    return false;

  memset (unfolded, 0, sizeof *unfolded);
  if (strcmp (name, "socketcall") == 0)
    return unfold_socketcall (arch, entry, read, data, unfolded);
  if (strcmp (name, "ipc") == 0)
    return unfold_ipc (arch, entry, read, data, unfolded);
  return false;
}
