/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "leader.h"

#include <time.h>

static void
append_absolute (GString *text,
                 guint    form)
{
  gint64 now = g_get_real_time ();
  time_t seconds = (time_t) (now / G_USEC_PER_SEC);
  struct tm tm;
  char clock[16];

  if (form >= 3)
    g_string_append_printf (text, "%" G_GINT64_FORMAT, (gint64) seconds);
  else if (localtime_r (&seconds, &tm) != NULL && strftime (clock, sizeof clock, "%T", &tm) > 0)
    g_string_append (text, clock);
  if (form >= 2)
    g_string_append_printf (text, ".%06d", (int) (now % G_USEC_PER_SEC));
  g_string_append_c (text, ' ');
}

static void
append_relative (Leader  *self,
                 GString *text)
{
  gint64 now = g_get_monotonic_time ();
  gint64 since = self->last != 0 ? now - self->last : 0;

  self->last = now;
  g_string_append_printf (text, self->absolute != 0 ? "(+%6d.%06d) " : "%6d.%06d ",
                          (int) (since / G_USEC_PER_SEC), (int) (since % G_USEC_PER_SEC));
}

void
leader_append (Leader   *self,
               GString  *text,
               int       pid,
               gboolean  brackets)
{
  if (pid != 0)
    g_string_append_printf (text, brackets ? "[pid %5d] " : "%-5d ", pid);
  if (self->absolute != 0)
    append_absolute (text, self->absolute);
  if (self->relative)
    append_relative (self, text);
}
