/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Random programs of marked calls, of each ABI, with random changes at their entries
 * and exits: what comes out is what a model of a few lines says. The seed is that of
 * GTest (--seed).
 */
#include "change-util.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_CALLS 8

typedef enum { NOTHING, ALLOW, DENY, RETURN, LENGTH, BYTES, OTHER_CALL, N_ENTRY_DEEDS } EntryDeed;
typedef enum { KEEP, CHANGE_VALUE, CHANGE_ERROR, N_EXIT_DEEDS } ExitDeed;
typedef enum { WRITE, WRITE_NOWHERE, UMASK, DUP, N_CALLS } Kind;

typedef struct
{
  const ChangeWay *way;
  Kind      kind;
  guint     mask;      /* UMASK */
  char      text[32];  /* WRITE */
  EntryDeed entry;
  ExitDeed  exit;
  int       error, exit_error;
  gint32    value, exit_value;
  guint     length;
  char      bytes[64];
} Call;

typedef struct
{
  Call  calls[MAX_CALLS];
  guint n_calls, n_entries, n_exits;
} Plan;

static void
random_text (char  *text,
             guint  max)
{
  guint n = (guint) g_test_rand_int_range (1, (gint32) max);

  for (guint i = 0; i < n; i++)
    text[i] = (char) g_test_rand_int_range ('a', 'z' + 1);
  text[n] = '\0';
}

static void
random_call (Call            *call,
             const ChangeWay *way)
{
  memset (call, 0, sizeof *call);
  call->way = way;
  call->kind = (Kind) g_test_rand_int_range (0, N_CALLS);
  call->mask = (guint) g_test_rand_int_range (0, 01000);
  random_text (call->text, 20);
  do
    call->entry = (EntryDeed) g_test_rand_int_range (0, N_ENTRY_DEEDS);
  while ((call->entry == LENGTH || call->entry == BYTES) && call->kind != WRITE && call->kind != WRITE_NOWHERE);
  call->exit = (ExitDeed) g_test_rand_int_range (0, N_EXIT_DEEDS);
  call->error = g_test_rand_int_range (1, 134);
  call->exit_error = g_test_rand_int_range (1, 134);
  call->value = (gint32) g_test_rand_int ();
  call->exit_value = (gint32) g_test_rand_int ();
  call->length = (guint) g_test_rand_int_range (0, (gint32) strlen (call->text) + 1);
  random_text (call->bytes, 60);
}

static void
on_entry (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          data)
{
  Plan *plan = data;
  const Call *call = &plan->calls[plan->n_entries++];
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  g_assert_cmpuint (plan->n_entries, <=, plan->n_calls);
  g_assert_cmpint (pink_syscall_event_get_abi (event), ==, call->way->abi);
  switch (call->entry)
    {
    case ALLOW:
      pink_syscall_event_allow (event, &error);
      break;
    case DENY:
      pink_syscall_event_deny (event, call->error, &error);
      break;
    case RETURN:
      pink_syscall_event_set_return_value (event, call->value, &error);
      break;
    case LENGTH:
      pink_syscall_event_set_argument (event, 2, call->length, &error);
      break;
    case BYTES:
      bytes = g_bytes_new (call->bytes, strlen (call->bytes));
      pink_syscall_event_set_argument_bytes (event, 1, bytes, &error);
      pink_syscall_event_set_argument (event, 2, strlen (call->bytes), &error);
      break;
    case OTHER_CALL:
      pink_syscall_event_set_name (event, "umask", &error);
      pink_syscall_event_set_argument (event, 0, call->mask, &error);
      break;
    default:
      break;
    }
  g_assert_no_error (error);
}

static void
on_return (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          data)
{
  Plan *plan = data;
  const Call *call = &plan->calls[plan->n_exits++];
  GError *error = NULL;

  if (call->exit == CHANGE_VALUE)
    pink_syscall_event_set_return_value (event, call->exit_value, &error);
  else if (call->exit == CHANGE_ERROR)
    pink_syscall_event_set_error (event, call->exit_error, &error);
  g_assert_no_error (error);
}

/* ---- the model ---- */

static gint64
result_of (const Call *call,
           guint      *mask,
           GString    *output)
{
  const char *text = call->entry == BYTES ? call->bytes : call->text;
  gsize length = call->entry == LENGTH ? call->length : strlen (text);
  guint before = *mask;

  if (call->entry == DENY)
    return -call->error;
  if (call->entry == RETURN)
    return call->value;
  if (call->kind == UMASK || call->entry == OTHER_CALL)
    {
      *mask = call->mask;
      return before;
    }
  if (call->kind != WRITE)
    return -EBADF;
  g_string_append_len (output, text, (gssize) length);
  return (gint64) length;
}

static char *
expected_of (const Plan *plan)
{
  GString *output = g_string_new (NULL);
  guint mask = 022;

  for (guint i = 0; i < plan->n_calls; i++)
    {
      const Call *call = &plan->calls[i];
      gint64 result = result_of (call, &mask, output);

      if (call->exit == CHANGE_VALUE)
        result = call->exit_value;
      else if (call->exit == CHANGE_ERROR)
        result = -call->exit_error;
      g_string_append_printf (output, "%" G_GINT64_FORMAT " kept\n", result);
    }
  return g_string_free (output, FALSE);
}

/* ---- the program ---- */

static char *
text_of (const Call *call)
{
  g_autofree char *args = NULL;

  switch (call->kind)
    {
    case WRITE:
    case WRITE_NOWHERE:
      args = g_strdup_printf ("%d,@%s,%u", call->kind == WRITE ? 1 : 999, call->text,
                              (guint) strlen (call->text));
      return change_call (call->way, "write", args);
    case UMASK:
      args = g_strdup_printf ("%u", call->mask);
      return change_call (call->way, "umask", args);
    case DUP:
    default:
      return change_call (call->way, "dup", "998");
    }
}

static void
connect_all (PinkTracer *tracer,
             Plan       *plan)
{
  static const char * const names[] = { "write", "umask", "dup" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *enter = g_strconcat ("syscall-enter::", names[i], NULL);
      g_autofree char *leave = g_strconcat ("syscall-exit::", names[i], NULL);

      g_signal_connect (tracer, enter, G_CALLBACK (on_entry), plan);
      g_signal_connect (tracer, leave, G_CALLBACK (on_return), plan);
    }
}

static void
one_program (void)
{
  static const char * const chosen[] = { "write", "umask", "dup", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *output = NULL, *expected = NULL;
  const ChangeWay *ways = change_ways ();
  guint n_ways = 0;
  Plan plan = { .n_calls = (guint) g_test_rand_int_range (1, MAX_CALLS + 1) };
  int status = -1;
  gboolean bits32;

  while (ways[n_ways].name != NULL)
    n_ways++;
  bits32 = n_ways > 1 && ways[n_ways - 1].bits32 && g_test_rand_bit ();
  g_ptr_array_add (argv, g_strdup (g_getenv (bits32 ? "PINK_CHANGEPROG32" : "PINK_CHANGEPROG")));
  for (guint i = 0; i < plan.n_calls; i++)
    {
      const ChangeWay *way;

      do
        way = &ways[g_test_rand_int_range (0, (gint32) n_ways)];
      while (way->bits32 != bits32);
      random_call (&plan.calls[i], way);
      g_ptr_array_add (argv, text_of (&plan.calls[i]));
    }
  g_ptr_array_add (argv, NULL);
  connect_all (tracer, &plan);
  if (g_test_rand_bit ())
    pink_tracer_set_syscalls (tracer, chosen, NULL);

  output = test_trace_outputv (tracer, NULL, (const char * const *) argv->pdata, &status);
  expected = expected_of (&plan);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpstr (output, ==, expected);
  g_assert_cmpuint (plan.n_entries, ==, plan.n_calls);
  g_assert_cmpuint (plan.n_exits, ==, plan.n_calls);
}

static void
programs (void)
{
  guint n = test_count (100);

  umask (022);
  for (guint i = 0; i < n; i++)
    one_program ();
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  /* A case has a bound of its own: ten of them. */
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *path = g_strdup_printf ("/property/%u", i);

      test_add (g_intern_string (path), programs);
    }
  return g_test_run ();
}
