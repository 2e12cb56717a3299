/*
 * The topology. A whole one takes about 30 us a link to print, so it is printed on a thread of its
 * own, from a fork of the graph, and kept until the graph or a booking changes. Requests that come
 * meanwhile wait; one that was made after the graph changed waits for the next print.
 */
#include "config.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "models/import/view.h"
#include "northbound/restconf/internal.h"

/* What a text is about: the graph and what is booked on it. */
struct stamp {
	uint64_t ted, service;
};

struct waiter {
	TAILQ_ENTRY(waiter) entry;
	struct topology_printer *printer;
	struct http_request *request;
	uint64_t run; /* the print that answers it */
	bool whole; /* everything there is was asked for, not the topology alone */
};

struct topology_printer {
	struct north *north;
	int fd; /* eventfd: the thread is done */
	struct event *done;
	pthread_t thread;
	bool running;
	uint64_t runs; /* started so far */
	TAILQ_HEAD(, waiter) waiters;
	/* of the running thread */
	struct ted *fork;
	struct stamp fork_stamp;
	struct text printed;
	struct pce_error error;
	/* the last good text */
	struct text text;
	struct stamp stamp;
};

static struct stamp
stamp_now(const struct north *north)
{
	return (struct stamp){ ted_revision(service_view_ted(north->options.service)),
			       service_view_revision(north->options.service) };
}

/* On the thread: nothing here is shared with the loop until the eventfd is written. */
static void *
print_fork(void *arg)
{
	struct topology_printer *printer = arg;
	uint64_t one = 1;

	printer->error = (struct pce_error){ 0 };
	view_topology_print(printer->north->options.codec, printer->fork, true, &printer->printed,
			    &printer->error);
	ted_free(printer->fork);
	printer->fork = NULL;
	while (write(printer->fd, &one, sizeof(one)) < 0)
		;
	return NULL;
}

static enum pce_status
start_run(struct topology_printer *printer, struct pce_error *err)
{
	const struct service *service = printer->north->options.service;
	sigset_t all, before;
	enum pce_status status = ted_fork(service_view_ted(service), &printer->fork, err);
	int fault;

	if (status != PCE_OK)
		return status;
	printer->fork_stamp = stamp_now(printer->north);
	sigfillset(&all); /* signals are for the loop's thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	fault = pthread_create(&printer->thread, NULL, print_fork, printer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (fault != 0) {
		ted_free(printer->fork);
		printer->fork = NULL;
		return pce_fail(err, PCE_NO_MEMORY, "cannot start a thread: %s", strerror(fault));
	}
	printer->running = true;
	printer->runs++;
	return PCE_OK;
}

static void
reply_text(struct call *call, const struct topology_printer *printer, bool whole)
{
	if (whole) {
		reply_data(call, &printer->text);
		return;
	}
	reply_etag(call, printer->stamp.ted, &printer->stamp.service);
	http_reply_header(call->request, "Cache-Control", "no-cache");
	http_reply(call->request, 200, YANG_JSON, text_get(&printer->text), printer->text.len);
}

/* Answers those who waited for this run, with the text or with its error (may be NULL). */
static void
answer_waiters(struct topology_printer *printer, uint64_t run, const struct pce_error *err)
{
	struct waiter *waiter, *next;

	for (waiter = TAILQ_FIRST(&printer->waiters); waiter; waiter = next) {
		struct call call = { .north = printer->north, .request = waiter->request };
		bool whole = waiter->whole;

		next = TAILQ_NEXT(waiter, entry);
		if (waiter->run > run)
			continue;
		TAILQ_REMOVE(&printer->waiters, waiter, entry);
		free(waiter);
		if (err)
			reply_fail(&call, err);
		else
			reply_text(&call, printer, whole);
	}
}

static void
run_done(evutil_socket_t fd, short what, void *arg)
{
	struct topology_printer *printer = arg;
	struct pce_error err = { 0 };
	uint64_t count;

	(void)what;
	if (read((int)fd, &count, sizeof(count)) < 0)
		return;
	pthread_join(printer->thread, NULL);
	printer->running = false;
	if (!printer->error.status && text_ok(&printer->printed)) {
		text_add(&printer->printed, "\n");
		text_free(&printer->text);
		printer->text = printer->printed;
		printer->stamp = printer->fork_stamp;
		printer->printed = (struct text){ 0 };
		answer_waiters(printer, printer->runs, NULL);
	} else {
		if (!printer->error.status)
			pce_no_memory(&printer->error);
		text_free(&printer->printed);
		answer_waiters(printer, printer->runs, &printer->error);
	}
	if (!TAILQ_EMPTY(&printer->waiters) && start_run(printer, &err) != PCE_OK)
		answer_waiters(printer, UINT64_MAX, &err);
}

enum pce_status
topology_printer_new(struct north *north, struct topology_printer **out, struct pce_error *err)
{
	struct topology_printer *printer = calloc(1, sizeof(*printer));

	if (!printer)
		return pce_no_memory(err);
	printer->north = north;
	TAILQ_INIT(&printer->waiters);
	printer->fd = eventfd(0, EFD_CLOEXEC);
	if (printer->fd >= 0)
		printer->done = event_new(north->options.loop, printer->fd, EV_READ | EV_PERSIST,
					  run_done, printer);
	if (!printer->done || event_add(printer->done, NULL) != 0) {
		topology_printer_free(printer);
		return pce_fail(err, PCE_NO_MEMORY, "no event descriptor for the topology printer");
	}
	*out = printer;
	return PCE_OK;
}

void
topology_printer_free(struct topology_printer *printer)
{
	struct waiter *waiter;

	if (!printer)
		return;
	if (printer->running)
		pthread_join(printer->thread, NULL);
	while ((waiter = TAILQ_FIRST(&printer->waiters))) {
		TAILQ_REMOVE(&printer->waiters, waiter, entry);
		free(waiter);
	}
	if (printer->done)
		event_free(printer->done);
	if (printer->fd >= 0)
		close(printer->fd);
	text_free(&printer->printed);
	text_free(&printer->text);
	free(printer);
}

static void
waiter_gone(void *arg)
{
	struct waiter *waiter = arg;

	TAILQ_REMOVE(&waiter->printer->waiters, waiter, entry);
	free(waiter);
}

/* Answers with the topology, or with everything, as soon as it is printed. */
static void
reply_when_printed(struct call *call, struct stamp now, bool whole)
{
	struct topology_printer *printer = call->north->printer;
	struct waiter *waiter;
	struct pce_error err = { 0 };

	if (printer->text.len && printer->stamp.ted == now.ted &&
	    printer->stamp.service == now.service) {
		reply_text(call, printer, whole);
		return;
	}
	waiter = calloc(1, sizeof(*waiter));
	if (!waiter)
		pce_no_memory(&err);
	else if (!printer->running)
		start_run(printer, &err);
	if (err.status) {
		free(waiter);
		reply_fail(call, &err);
		return;
	}
	*waiter = (struct waiter){ .printer = printer, .request = call->request, .whole = whole };
	waiter->run = printer->runs;
	if (printer->fork_stamp.ted != now.ted || printer->fork_stamp.service != now.service)
		waiter->run++;
	TAILQ_INSERT_TAIL(&printer->waiters, waiter, entry);
	http_keep(call->request, waiter_gone, waiter);
}

void
api_topology_all(struct call *call)
{
	struct stamp now = stamp_now(call->north);

	if (check_query(call, no_parameters) && !reply_not_modified(call, now.ted, &now.service))
		reply_when_printed(call, now, false);
}

void
api_data(struct call *call)
{
	if (check_query(call, no_parameters))
		reply_when_printed(call, stamp_now(call->north), true);
}

/* Replies with one entry that was printed, or with the error. */
static void
reply_entry(struct call *call, struct text *body, struct pce_error *err)
{
	struct stamp now = stamp_now(call->north);

	if (err->status) {
		text_free(body);
		reply_fail(call, err);
		return;
	}
	reply_etag(call, now.ted, &now.service);
	reply_json(call, body);
}

static bool
entry_not_modified(struct call *call)
{
	struct stamp now = stamp_now(call->north);

	return !check_query(call, no_parameters) || reply_not_modified(call, now.ted, &now.service);
}

void
api_topology_node(struct call *call)
{
	const struct ted *ted = service_view_ted(call->north->options.service);
	struct pce_error err = { 0 };
	struct text body = { 0 };
	ted_node node;

	if (entry_not_modified(call))
		return;
	/* A key is the name itself; router ids and labels, which ted_find_node takes too, are not.
	 */
	if (ted_find_node(ted, call->key, &node, &err) == PCE_OK) {
		if (strcmp(ted_node_at(ted, node)->name, call->key) || !view_shows_node(ted, node))
			pce_fail(&err, PCE_NOT_FOUND, "no node has the name %s", call->key);
		else
			view_node_print(call->north->options.codec, ted, node, &body, &err);
	}
	reply_entry(call, &body, &err);
}

void
api_topology_link(struct call *call)
{
	const struct ted *ted = service_view_ted(call->north->options.service);
	struct pce_error err = { 0 };
	struct text body = { 0 };
	ted_link *links = NULL;
	size_t n = 0, cap = 0;

	if (entry_not_modified(call))
		return;
	if (ted_find_links(ted, call->key, &links, &n, &cap, &err) == PCE_OK) {
		if (n != 1 || strcmp(ted_link_at(ted, links[0])->name, call->key) ||
		    !view_shows_link(ted, links[0]))
			pce_fail(&err, PCE_NOT_FOUND, "no link has the name %s", call->key);
		else
			view_link_print(call->north->options.codec, ted, links[0], &body, &err);
	}
	free(links);
	reply_entry(call, &body, &err);
}
