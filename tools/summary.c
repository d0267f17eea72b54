/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The table of -c.
 */
#include "report.h"

#include <string.h>

typedef struct
{
  PinkAbi     abi;
  guint64     number;
  const char *name;
  guint64     calls;
  guint64     errors;
  gint64      time; /* µs */
} Row;

typedef struct
{
  Report      base;
  Output     *output;
  gboolean    wall_clock;
  GHashTable *rows; /* of Row, by ABI and number */
} Table;

static guint
row_hash (gconstpointer data)
{
  const Row *row = data;

  return (guint) row->number * 31 + row->abi;
}

static gboolean
row_equal (gconstpointer data1,
           gconstpointer data2)
{
  const Row *row1 = data1, *row2 = data2;

  return row1->abi == row2->abi && row1->number == row2->number;
}

static void
summary_returned (Report           *report,
                  PinkSyscallEvent *call)
{
  Table *self = (Table *) report;
  Row key = { pink_syscall_event_get_abi (call), pink_syscall_event_get_number (call) };
  Row *row = g_hash_table_lookup (self->rows, &key);

  if (row == NULL)
    {
      key.name = pink_syscall_name (key.abi, key.number);
      /* As strace: a number without a name is not counted. */
      if (key.name == NULL)
        return;
      row = g_memdup2 (&key, sizeof key);
      g_hash_table_add (self->rows, row);
    }
  row->calls++;
  row->errors += pink_syscall_event_get_error_code (call) != 0;
  /* Not measured is -1: of a call, say, that was under way when the tracing began. */
  row->time += MAX (0, self->wall_clock ? pink_syscall_event_get_duration (call)
                                        : pink_syscall_event_get_cpu_time (call));
}

/* ABI by ABI, the native one first; the longest time first; the lowest number first. */
static gint
compare_rows (gconstpointer data1,
              gconstpointer data2)
{
  const Row *row1 = *(const Row * const *) data1, *row2 = *(const Row * const *) data2;
  PinkAbi native = pink_abi_get_native ();

  if (row1->abi != row2->abi)
    return row1->abi == native || (row2->abi != native && row1->abi < row2->abi) ? -1 : 1;
  if (row1->time != row2->time)
    return row1->time > row2->time ? -1 : 1;
  return row1->number < row2->number ? -1 : row1->number > row2->number;
}

/* ---- the table ---- */

enum { TIME_PERCENT, TOTAL_TIME, AVG_TIME, CALLS, ERRORS, NAME, N_COLUMNS };

static const char * const titles[N_COLUMNS] = {
  "% time", "seconds", "usecs/call", "calls", "errors", "syscall"
};

typedef struct
{
  char *cells[N_COLUMNS];
} Line;

static void
line_clear (gpointer data)
{
  Line *line = data;

  for (guint i = 0; i < N_COLUMNS; i++)
    g_free (line->cells[i]);
}

static void
add_line (GArray    *table,
          const Row *row,
          double     percent)
{
  Line line = { .cells = {
    g_strdup_printf ("%.2f", percent),
    g_strdup_printf ("%" G_GINT64_FORMAT ".%06d", row->time / G_USEC_PER_SEC,
                     (int) (row->time % G_USEC_PER_SEC)),
    g_strdup_printf ("%" G_GINT64_FORMAT, row->time / (gint64) row->calls),
    g_strdup_printf ("%" G_GUINT64_FORMAT, row->calls),
    row->errors != 0 ? g_strdup_printf ("%" G_GUINT64_FORMAT, row->errors) : g_strdup (""),
    g_strdup (row->name),
  } };

  g_array_append_val (table, line);
}

static void
write_cells (Table            *self,
             const char * const  cells[N_COLUMNS],
             const int           widths[N_COLUMNS])
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < NAME; i++)
    g_string_append_printf (text, "%*s ", widths[i], cells[i]);
  g_string_append_printf (text, "%s\n", cells[NAME]);
  output_write (self->output, text->str, (gssize) text->len);
}

static void
write_rule (Table   *self,
            const int  widths[N_COLUMNS])
{
  char *cells[N_COLUMNS];

  for (guint i = 0; i < N_COLUMNS; i++)
    cells[i] = g_strnfill ((gsize) widths[i], '-');
  write_cells (self, (const char * const *) cells, widths);
  for (guint i = 0; i < N_COLUMNS; i++)
    g_free (cells[i]);
}

/* The last line of TABLE is the total. */
static void
write_table (Table *self,
             GArray  *table)
{
  int widths[N_COLUMNS] = { 6, 11, 11, 9, 9, 16 };

  for (guint i = 0; i < table->len; i++)
    for (guint column = 0; column < N_COLUMNS; column++)
      {
        int length = (int) strlen (g_array_index (table, Line, i).cells[column]);

        /* One more for a name: strace's rule, too, is that much longer. */
        widths[column] = MAX (widths[column], length + (column == NAME));
      }

  write_cells (self, titles, widths);
  write_rule (self, widths);
  for (guint i = 0; i < table->len; i++)
    {
      if (i == table->len - 1)
        write_rule (self, widths);
      write_cells (self, (const char * const *) g_array_index (table, Line, i).cells, widths);
    }
}

/* ROWS are of one ABI. */
static void
write_rows (Table  *self,
            Row     **rows,
            guint     n_rows)
{
  g_autoptr (GArray) table = g_array_new (FALSE, FALSE, sizeof (Line));
  Row total = { .name = "total" };

  g_array_set_clear_func (table, line_clear);
  for (guint i = 0; i < n_rows; i++)
    {
      total.calls += rows[i]->calls;
      total.errors += rows[i]->errors;
      total.time += rows[i]->time;
    }
  for (guint i = 0; i < n_rows; i++)
    add_line (table, rows[i],
              total.time > 0 ? 100.0 * (double) rows[i]->time / (double) total.time : 0.0);
  add_line (table, &total, 100.0);

  if (rows[0]->abi != pink_abi_get_native ())
    {
      g_autofree char *title = g_strdup_printf ("System call usage summary for %s mode:\n",
                                                report_abi_mode (rows[0]->abi));
      output_write (self->output, title, -1);
    }
  write_table (self, table);
}

static void
summary_finish (Report *report)
{
  Table *self = (Table *) report;
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &row, NULL))
    g_ptr_array_add (rows, row);
  g_ptr_array_sort (rows, compare_rows);

  for (guint i = 0, end; i < rows->len; i = end)
    {
      PinkAbi abi = ((Row *) rows->pdata[i])->abi;

      for (end = i; end < rows->len && ((Row *) rows->pdata[end])->abi == abi; end++)
        ;
      write_rows (self, (Row **) rows->pdata + i, end - i);
    }
  g_hash_table_unref (self->rows);
  g_free (self);
}

Report *
summary_new (const Options *options,
             Output        *output)
{
  Table *self = g_new0 (Table, 1);

  self->base.returned = summary_returned;
  self->base.finish = summary_finish;
  self->output = output;
  self->wall_clock = options->wall_clock;
  self->rows = g_hash_table_new_full (row_hash, row_equal, g_free, NULL);
  return &self->base;
}
