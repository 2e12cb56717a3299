/*
 * The operation compute-path: a question to the graph that books nothing. It is answered on a
 * thread of its own, from a fork of the graph and its engine, one question after the other; what is
 * asked while neither the graph nor a booking changed shares a fork.
 */
#include "config.h"

#include "models/import/view.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "northbound/restconf/internal.h"

/*
 * Everybody who may read may ask: so a question gets no more than this, whatever the client allows
 * it. An answer that would have needed more says that it is not exact, and why.
 */
#define MOST_LABELS 200000u
#define MOST_BYTES ((uint64_t)64 << 20)

/* Questions that may wait. */
#define MOST_WAITING 256u

/* The graph as it was; of the questions that name it, the last one frees it. */
struct snapshot {
	struct ted *ted;
	struct path_engine *engine;
	uint64_t ted_revision, service_revision;
	unsigned users; /* under the mutex */
};

struct question {
	TAILQ_ENTRY(question) entry;
	struct http_request *request; /* NULL: its client left; the loop's alone */
	struct snapshot *on;
	struct arena arena; /* of asked */
	struct codec_path_request asked;
	struct text out;
	struct pce_error error;
};

TAILQ_HEAD(questions, question);

struct computer {
	struct north *north;
	int fd; /* eventfd: something is answered */
	struct event *answered_event;
	pthread_t thread;
	bool running;
	struct snapshot *last; /* the loop's alone */
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t more;
	bool stop;
	unsigned n_waiting;
	struct questions waiting, answered;
};

/* --- on the thread --- */

static uint64_t
at_most(uint64_t asked, uint64_t most)
{
	return asked > 0 && asked < most ? asked : most;
}

static enum pce_status
request_of(const struct question *q, struct arena *arena, struct path_request *out,
	   struct pce_error *err)
{
	const struct codec_path_request *asked = &q->asked;
	enum pce_status status =
	    service_request_of(q->on->ted, &asked->demand, false, arena, out, err);

	if (status)
		return status;
	out->k = asked->k;
	out->explain = asked->explain;
	out->diverse = asked->diverse;
	out->budget_labels = at_most(asked->budget_labels, MOST_LABELS);
	out->budget_bytes = at_most(asked->budget_bytes, MOST_BYTES);
	return PCE_OK;
}

static enum pce_status
print_answer(const struct codec *codec, struct question *q, const struct path_answer *answer,
	     const struct segment_list *lists, struct pce_error *err)
{
	const struct segment_list **shown = calloc(answer->n_routes + 1, sizeof(shown[0]));
	struct codec_path_answer printed = { .answer = answer,
					     .lists = shown,
					     .explain = q->asked.explain,
					     .names = view_names(q->on->ted) };
	enum pce_status status;

	if (!shown)
		return pce_no_memory(err);
	for (size_t i = 0; lists && i < answer->n_routes; i++)
		shown[i] = lists[i].n > 0 ? &lists[i] : NULL;
	status = codec_path_answer_print(codec, &printed, &q->out, err);
	free(shown);
	return status;
}

static enum pce_status
answer_question(const struct north_options *o, struct question *q, struct pce_error *err)
{
	struct path_answer answer = { 0 };
	struct segment_list *lists = NULL;
	struct path_request request;
	enum pce_status status = request_of(q, &q->arena, &request, err);

	if (status)
		return status;
	if (o->place)
		status = o->place(o->arg, q->on->ted, q->on->engine, &request,
				  q->asked.demand.loose, &answer, &lists, err);
	else
		status = path_compute(q->on->engine, &request, &answer, err);
	if (status == PCE_OK)
		status = print_answer(o->codec, q, &answer, lists, err);
	for (size_t i = 0; lists && i < answer.n_routes; i++)
		segment_list_free(&lists[i]);
	free(lists);
	path_answer_free(&answer);
	return status;
}

static void *
compute_all(void *arg)
{
	struct computer *c = arg;
	uint64_t one = 1;

	pthread_mutex_lock(&c->mutex);
	while (!c->stop) {
		struct question *q = TAILQ_FIRST(&c->waiting);

		if (!q) {
			pthread_cond_wait(&c->more, &c->mutex);
			continue;
		}
		TAILQ_REMOVE(&c->waiting, q, entry);
		c->n_waiting--;
		pthread_mutex_unlock(&c->mutex);
		(void)answer_question(&c->north->options, q, &q->error);
		pthread_mutex_lock(&c->mutex);
		TAILQ_INSERT_TAIL(&c->answered, q, entry);
		while (write(c->fd, &one, sizeof(one)) < 0)
			;
	}
	pthread_mutex_unlock(&c->mutex);
	return NULL;
}

/* --- on the loop --- */

static void
snapshot_release(struct computer *c, struct snapshot *snapshot)
{
	bool last;

	if (!snapshot)
		return;
	pthread_mutex_lock(&c->mutex);
	last = --snapshot->users == 0;
	pthread_mutex_unlock(&c->mutex);
	if (!last)
		return;
	path_engine_free(snapshot->engine);
	ted_free(snapshot->ted);
	free(snapshot);
}

/* The graph as it is now; the caller is one of its users. */
static enum pce_status
snapshot_take(struct computer *c, struct snapshot **out, struct pce_error *err)
{
	struct service *service = c->north->options.service;
	const struct ted *ted = service_view_ted(service);
	uint64_t ted_now = ted_revision(ted), service_now = service_view_revision(service);
	struct snapshot *s = c->last;
	enum pce_status status;

	if (!s || s->ted_revision != ted_now || s->service_revision != service_now) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return pce_no_memory(err);
		*s = (struct snapshot){ .ted_revision = ted_now,
					.service_revision = service_now,
					.users = 1 };
		status = ted_fork(ted, &s->ted, err);
		if (status == PCE_OK)
			status =
			    path_engine_fork(service_view_engine(service), s->ted, &s->engine, err);
		if (status) {
			ted_free(s->ted);
			free(s);
			return status;
		}
		snapshot_release(c, c->last);
		c->last = s;
	}
	pthread_mutex_lock(&c->mutex);
	s->users++;
	pthread_mutex_unlock(&c->mutex);
	*out = s;
	return PCE_OK;
}

static void
question_free(struct computer *c, struct question *q)
{
	snapshot_release(c, q->on);
	arena_free(&q->arena);
	text_free(&q->out);
	free(q);
}

/* An intent's data path as one of the operation's input. */
static void
rewrite_path(struct pce_error *err)
{
	static const char input[] = "/karst-path:compute-path/input";
	const size_t operation = sizeof(input) - sizeof("/input");
	const char *rest = strstr(err->path, "]/");
	char path[PCE_ERROR_PATH];

	/* libyang leaves "input" out */
	if (strncmp(err->path, input, operation) == 0)
		rest = err->path + operation;
	else if (strncmp(err->path, "/karst-intent:", 14) == 0 && rest)
		rest++;
	else
		return;
	if (strncmp(rest, "/input", 6) == 0)
		return;
	if (snprintf(path, sizeof(path), "%s%s", input, rest) < (int)sizeof(path))
		memcpy(err->path, path, strlen(path) + 1);
}

static void
reply_answer(struct north *north, struct question *q)
{
	struct call call = { .north = north, .request = q->request };

	if (!q->request)
		return;
	if (q->error.status == PCE_OK) {
		reply_json(&call, &q->out);
		return;
	}
	rewrite_path(&q->error);
	if (q->error.status == PCE_NOT_FOUND)
		q->error.status = PCE_INVALID;
	reply_fail(&call, &q->error);
}

static void
some_answered(evutil_socket_t fd, short what, void *arg)
{
	struct computer *c = arg;
	struct questions answered = TAILQ_HEAD_INITIALIZER(answered);
	struct question *q;
	uint64_t count;

	(void)what;
	if (read((int)fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&c->mutex);
	TAILQ_CONCAT(&answered, &c->answered, entry);
	pthread_mutex_unlock(&c->mutex);
	while ((q = TAILQ_FIRST(&answered))) {
		TAILQ_REMOVE(&answered, q, entry);
		reply_answer(c->north, q);
		question_free(c, q);
	}
}

static enum pce_status
start_thread(struct computer *c, struct pce_error *err)
{
	sigset_t all, before;
	int fault;

	sigfillset(&all); /* signals are for the loop's thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	fault = pthread_create(&c->thread, NULL, compute_all, c);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (fault != 0)
		return pce_fail(err, PCE_NO_MEMORY, "cannot start a thread: %s", strerror(fault));
	c->running = true;
	return PCE_OK;
}

enum pce_status
computer_new(struct north *north, struct computer **out, struct pce_error *err)
{
	struct computer *c = calloc(1, sizeof(*c));
	enum pce_status status = PCE_OK;

	if (!c)
		return pce_no_memory(err);
	c->north = north;
	pthread_mutex_init(&c->mutex, NULL);
	pthread_cond_init(&c->more, NULL);
	TAILQ_INIT(&c->waiting);
	TAILQ_INIT(&c->answered);
	c->fd = eventfd(0, EFD_CLOEXEC);
	if (c->fd >= 0)
		c->answered_event =
		    event_new(north->options.loop, c->fd, EV_READ | EV_PERSIST, some_answered, c);
	if (!c->answered_event || event_add(c->answered_event, NULL) != 0)
		status = pce_fail(err, PCE_NO_MEMORY, "no event descriptor for computations");
	if (status == PCE_OK)
		status = start_thread(c, err);
	if (status) {
		computer_free(c);
		return status;
	}
	*out = c;
	return PCE_OK;
}

static void
free_all(struct computer *c, struct questions *questions)
{
	struct question *q;

	while ((q = TAILQ_FIRST(questions))) {
		TAILQ_REMOVE(questions, q, entry);
		question_free(c, q);
	}
}

void
computer_free(struct computer *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->mutex);
	c->stop = true;
	pthread_cond_signal(&c->more);
	pthread_mutex_unlock(&c->mutex);
	if (c->running)
		pthread_join(c->thread, NULL);
	free_all(c, &c->waiting);
	free_all(c, &c->answered);
	snapshot_release(c, c->last);
	if (c->answered_event)
		event_free(c->answered_event);
	if (c->fd >= 0)
		close(c->fd);
	pthread_cond_destroy(&c->more);
	pthread_mutex_destroy(&c->mutex);
	free(c);
}

static void
client_gone(void *arg)
{
	((struct question *)arg)->request = NULL;
}

static enum pce_status
ask(struct computer *c, struct question *q, struct pce_error *err)
{
	enum pce_status status = snapshot_take(c, &q->on, err);

	if (status)
		return status;
	pthread_mutex_lock(&c->mutex);
	if (c->n_waiting >= MOST_WAITING) {
		status = pce_fail(err, PCE_UNREACHABLE,
				  "%u computations wait already; try again later", MOST_WAITING);
	} else {
		TAILQ_INSERT_TAIL(&c->waiting, q, entry);
		c->n_waiting++;
		pthread_cond_signal(&c->more);
	}
	pthread_mutex_unlock(&c->mutex);
	return status;
}

void
api_compute_path(struct call *call)
{
	const struct north_options *o = &call->north->options;
	struct pce_error err = { 0 };
	struct question *q;
	enum pce_status status;
	const char *body;
	size_t len;

	body = operation_body(call, &len);
	if (!body)
		return;
	if (codec_format_of(body, len) != CODEC_JSON) {
		reply_error(call, 400, "malformed-message", NULL, NULL, "the body is not JSON");
		return;
	}
	q = calloc(1, sizeof(*q));
	status = q ? codec_path_request_parse(o->codec, body, len, &q->arena, &q->asked, &err)
		   : pce_no_memory(&err);
	if (status == PCE_OK) {
		/* Before it is asked: then it is the thread's, but for this member. */
		q->request = call->request;
		status = ask(call->north->computer, q, &err);
	}
	if (status == PCE_OK) {
		http_keep(call->request, client_gone, q);
		return;
	}
	rewrite_path(&err);
	reply_fail(call, &err);
	if (q)
		question_free(call->north->computer, q);
}
