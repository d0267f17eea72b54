/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What treeprog and a test see of each other: a file that both have mapped,
 * treeprog as its descriptor 3.
 */
#pragma once

#include <stdatomic.h>

#define TREE_FD 3
#define TREE_THREADS 64
#define TREE_VALUES 100000

typedef struct
{
  atomic_int  go;      /* set by the test: what waits goes on */
  atomic_int  stop;    /* set by the test: what runs for ever ends */
  atomic_int  ready;   /* how many have come to the place where the test wants them */
  atomic_int  failed;  /* a line of treeprog.c where something was not as it should be */
  atomic_int  errors;  /* how often */
  atomic_int  child;   /* written by the kernel at a birth, before anybody can know */
  atomic_int  parent;
  atomic_int  victim;  /* the sniper's: who was shot last */
  atomic_int  budget;  /* of processes that may still be made */
  atomic_int  handled; /* signals */
  atomic_ulong counters[TREE_THREADS];
  int         values[TREE_VALUES]; /* what came with each signal */
} TreeShared;
