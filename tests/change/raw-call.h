/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A system call made by hand, on each kind of machine: its result, negative where it
 * is an error, and whether the other registers came back as they were. That of the
 * number does not where the kernel has restarted the call by another.
 */
#pragma once

#include <stdbool.h>

typedef struct
{
  long number;
  long args[6];
} Call;

#if defined (__x86_64__)

static long
make (const Call *call, bool *kept)
{
  register long r10 __asm__ ("r10") = call->args[3];
  register long r8 __asm__ ("r8") = call->args[4];
  register long r9 __asm__ ("r9") = call->args[5];
  long di = call->args[0], si = call->args[1], dx = call->args[2], result = call->number;

  __asm__ volatile ("syscall"
                    : "+a" (result), "+D" (di), "+S" (si), "+d" (dx), "+r" (r10), "+r" (r8), "+r" (r9)
                    : : "rcx", "r11", "memory");
  *kept = di == call->args[0] && si == call->args[1] && dx == call->args[2] &&
          r10 == call->args[3] && r8 == call->args[4] && r9 == call->args[5];
  return result;
}

static long
make_int80 (const Call *call, bool *kept)
{
  long bx = call->args[0], cx = call->args[1], dx = call->args[2], si = call->args[3],
       di = call->args[4], result = call->number;

  __asm__ volatile ("int $0x80"
                    : "+a" (result), "+b" (bx), "+c" (cx), "+d" (dx), "+S" (si), "+D" (di)
                    : : "r8", "r9", "r10", "r11", "memory");
  *kept = bx == call->args[0] && cx == call->args[1] && dx == call->args[2] &&
          si == call->args[3] && di == call->args[4];
  return result;
}

#elif defined (__i386__)

static long
make (const Call *call, bool *kept)
{
  long bx = call->args[0], cx = call->args[1], dx = call->args[2], si = call->args[3],
       di = call->args[4], result = call->number;

  __asm__ volatile ("int $0x80"
                    : "+a" (result), "+b" (bx), "+c" (cx), "+d" (dx), "+S" (si), "+D" (di)
                    : : "memory");
  *kept = bx == call->args[0] && cx == call->args[1] && dx == call->args[2] &&
          si == call->args[3] && di == call->args[4];
  return result;
}

#elif defined (__aarch64__)

static long
make (const Call *call, bool *kept)
{
  register long x8 __asm__ ("x8") = call->number;
  register long x0 __asm__ ("x0") = call->args[0];
  register long x1 __asm__ ("x1") = call->args[1];
  register long x2 __asm__ ("x2") = call->args[2];
  register long x3 __asm__ ("x3") = call->args[3];
  register long x4 __asm__ ("x4") = call->args[4];
  register long x5 __asm__ ("x5") = call->args[5];

  __asm__ volatile ("svc #0"
                    : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3), "+r" (x4), "+r" (x5), "+r" (x8)
                    : : "memory");
  *kept = x1 == call->args[1] && x2 == call->args[2] && x3 == call->args[3] &&
          x4 == call->args[4] && x5 == call->args[5];
  return x0;
}

#elif defined (__arm__)

static long
make (const Call *call, bool *kept)
{
  register long r0 __asm__ ("r0") = call->args[0];
  register long r1 __asm__ ("r1") = call->args[1];
  register long r2 __asm__ ("r2") = call->args[2];
  register long r3 __asm__ ("r3") = call->args[3];
  register long r4 __asm__ ("r4") = call->args[4];
  register long r5 __asm__ ("r5") = call->args[5];
  register long r8 __asm__ ("r8") = call->number;

  /* r7 is the compiler's own in Thumb code. */
  __asm__ volatile ("push {r7}\n\tmov r7, r8\n\tsvc #0\n\tmov r8, r7\n\tpop {r7}"
                    : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (r3), "+r" (r4), "+r" (r5), "+r" (r8)
                    : : "memory");
  *kept = r1 == call->args[1] && r2 == call->args[2] && r3 == call->args[3] &&
          r4 == call->args[4] && r5 == call->args[5];
  return r0;
}

#elif defined (__riscv)

static long
make (const Call *call, bool *kept)
{
  register long a7 __asm__ ("a7") = call->number;
  register long a0 __asm__ ("a0") = call->args[0];
  register long a1 __asm__ ("a1") = call->args[1];
  register long a2 __asm__ ("a2") = call->args[2];
  register long a3 __asm__ ("a3") = call->args[3];
  register long a4 __asm__ ("a4") = call->args[4];
  register long a5 __asm__ ("a5") = call->args[5];

  __asm__ volatile ("ecall"
                    : "+r" (a0), "+r" (a1), "+r" (a2), "+r" (a3), "+r" (a4), "+r" (a5), "+r" (a7)
                    : : "memory");
  *kept = a1 == call->args[1] && a2 == call->args[2] && a3 == call->args[3] &&
          a4 == call->args[4] && a5 == call->args[5];
  return a0;
}

#elif defined (__s390__)

static long
make (const Call *call, bool *kept)
{
  register long r1 __asm__ ("1") = call->number;
  register long r2 __asm__ ("2") = call->args[0];
  register long r3 __asm__ ("3") = call->args[1];
  register long r4 __asm__ ("4") = call->args[2];
  register long r5 __asm__ ("5") = call->args[3];
  register long r6 __asm__ ("6") = call->args[4];
  register long r7 __asm__ ("7") = call->args[5];

  __asm__ volatile ("svc 0"
                    : "+d" (r2), "+d" (r3), "+d" (r4), "+d" (r5), "+d" (r6), "+d" (r7), "+d" (r1)
                    : : "memory", "cc");
  *kept = r3 == call->args[1] && r4 == call->args[2] && r5 == call->args[3] && r6 == call->args[4] &&
          r7 == call->args[5];
  return r2;
}

#elif defined (__powerpc__)

/* The error is told by a bit of the condition register. */
static long
make (const Call *call, bool *kept)
{
  register long r0 __asm__ ("r0") = call->number;
  register long r3 __asm__ ("r3") = call->args[0];
  register long r4 __asm__ ("r4") = call->args[1];
  register long r5 __asm__ ("r5") = call->args[2];
  register long r6 __asm__ ("r6") = call->args[3];
  register long r7 __asm__ ("r7") = call->args[4];
  register long r8 __asm__ ("r8") = call->args[5];

  __asm__ volatile ("sc\n\tbns+ 1f\n\tneg 3, 3\n1:"
                    : "+r" (r0), "+r" (r3), "+r" (r4), "+r" (r5), "+r" (r6), "+r" (r7), "+r" (r8)
                    : : "memory", "cr0", "ctr", "r9", "r10", "r11", "r12");
  *kept = r4 == call->args[1] && r5 == call->args[2] && r6 == call->args[3] && r7 == call->args[4] &&
          r8 == call->args[5];
  return r3;
}

#elif defined (__mips__) && _MIPS_SIM != _ABIO32

/* The error is told by a register of its own, which is the fourth argument's, too. */
static long
make (const Call *call, bool *kept)
{
  register long v0 __asm__ ("$2") = call->number;
  register long a0 __asm__ ("$4") = call->args[0];
  register long a1 __asm__ ("$5") = call->args[1];
  register long a2 __asm__ ("$6") = call->args[2];
  register long a3 __asm__ ("$7") = call->args[3];
  register long a4 __asm__ ("$8") = call->args[4];
  register long a5 __asm__ ("$9") = call->args[5];

  __asm__ volatile ("syscall"
                    : "+r" (v0), "+r" (a0), "+r" (a1), "+r" (a2), "+r" (a3), "+r" (a4), "+r" (a5)
                    : : "memory", "$1", "$3", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25",
                      "hi", "lo");
  *kept = a0 == call->args[0] && a1 == call->args[1] && a2 == call->args[2] && a4 == call->args[4] &&
          a5 == call->args[5];
  return a3 != 0 ? -v0 : v0;
}

#else
# error "say here how this machine makes a system call"
#endif

#ifndef __x86_64__
# define make_int80 make /* never asked for */
#endif
