/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The tracer's one GSource: takes what the tracer tasks report, when it is its
 * turn in the main loop. pink-tracer-serve.c does the rest.
 */
#include "pinktrace-glib.h"

#include "pink-tracer-private.h"

/* After this long other sources have their turn. */
#define SLICE_US 4000

typedef struct
{
  GSource     source;
  GPollFD     bell;
  PinkEngine *engine;
  gboolean    has_served; /* since prepare() */
  GWeakRef    tracer; /* the last reference may go in another thread */
} TracerSource;

/* What is pending is the tracer's, not this call's: a handler may run a main
 * loop of its own, and in there the other tracees go on. The reference is taken
 * anew for each: who drops the tracer in a handler hears no more of it. */
static gboolean
serve_next (TracerSource *source)
{
  g_autoptr (PinkTracer) self = g_weak_ref_get (&source->tracer);
  PinkTracerPrivate *priv = self != NULL ? _pink_tracer_get_private (self) : NULL;
  PinkMsg *msg;
  guint quits;

  /* A handler may have forked: what was pending is the other process's. */
  if (priv == NULL || priv->engine == NULL || !pink_engine_is_ours (priv->engine))
    return FALSE;
  if (priv->pending == NULL)
    priv->pending = pink_engine_take (priv->engine);
  msg = priv->pending;
  quits = priv->quits;
  if (msg == NULL)
    return _pink_tracer_observe_due (self) && quits == priv->quits;
  if (_pink_tracer_observe_before (self, msg))
    return quits == priv->quits;
  /* Where it observes, the next message is not near. */
  source->has_served = !priv->observe_only;
  priv->pending = msg->next;
  _pink_tracer_serve (self, msg);
  /* Who has called quit() wants no more for now. */
  return quits == priv->quits;
}

static void
serve_slice (TracerSource *source)
{
  gint64 until = g_get_monotonic_time () + SLICE_US;

  while (serve_next (source) && g_get_monotonic_time () < until)
    ;
}

/* In a fork()ed copy the bell is the other process's, and rings for it alone. */
static gboolean
is_inert (TracerSource *source)
{
  if (pink_engine_is_ours (source->engine))
    return FALSE;
  source->bell.events = 0;
  return TRUE;
}

static gboolean
has_work (TracerSource *source,
          PinkTracer   *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  return priv->engine != NULL &&
         (priv->pending != NULL || priv->records_due || pink_engine_has_messages (priv->engine));
}

static gboolean
tracer_source_prepare (GSource *base,
                       int     *timeout)
{
  TracerSource *source = (TracerSource *) base;
  g_autoptr (PinkTracer) self = g_weak_ref_get (&source->tracer);
  gboolean look;

  *timeout = -1;
  if (self == NULL || is_inert (source))
    return FALSE;
  if (_pink_tracer_get_private (self)->engine != NULL)
    _pink_handled_check (self);
  if (has_work (source, self))
    return TRUE;
  look = source->has_served;
  source->has_served = FALSE;
  return !pink_engine_may_sleep (source->engine, look);
}

static gboolean
tracer_source_check (GSource *base)
{
  TracerSource *source = (TracerSource *) base;
  g_autoptr (PinkTracer) self = g_weak_ref_get (&source->tracer);

  if (self == NULL || is_inert (source))
    return FALSE;
  return source->bell.revents != 0 || has_work (source, self);
}

static gboolean
tracer_source_dispatch (GSource     *base,
                        GSourceFunc  callback,
                        gpointer     user_data)
{
  TracerSource *source = (TracerSource *) base;

  /* Another source may have forked since this one was checked. */
  if (is_inert (source))
    return G_SOURCE_CONTINUE;
  /* First the bell, then the inbox: what is pushed in between rings again. */
  pink_engine_is_awake (source->engine);
  if (source->bell.revents != 0)
    pink_engine_silence (source->engine);
  serve_slice (source);
  return G_SOURCE_CONTINUE;
}

static void
tracer_source_finalize (GSource *base)
{
  TracerSource *source = (TracerSource *) base;

  g_weak_ref_clear (&source->tracer);
  pink_engine_unref (source->engine);
}

static GSourceFuncs tracer_source_funcs = {
  tracer_source_prepare,
  tracer_source_check,
  tracer_source_dispatch,
  tracer_source_finalize,
  NULL, NULL
};

GSource *
_pink_tracer_source_new (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  GSource *base = g_source_new (&tracer_source_funcs, sizeof (TracerSource));
  TracerSource *source = (TracerSource *) base;

  g_source_set_static_name (base, "PinkTracer");
  g_source_set_priority (base, priv->priority);
  g_source_set_can_recurse (base, TRUE);
  source->engine = pink_engine_ref (priv->engine);
  g_weak_ref_init (&source->tracer, self);
  source->bell.fd = pink_engine_get_bell (priv->engine);
  source->bell.events = G_IO_IN;
  g_source_add_poll (base, &source->bell);
  return base;
}
