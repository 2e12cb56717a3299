#define _GNU_SOURCE
#include "tests/interop/world.h"

#include <arpa/inet.h>
#include <check.h>
#include <event2/event.h>
#include <fcntl.h>
#include <libssh/libssh.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pce/base/array.h"
#include "southbound/netconf/shell.h"
#include "tests/support/temporary.h"

#define WAIT_S 120 /* for anything that shall come: a slow machine is no fault */

/* --- what may be lacking --- */

void
skip_unless(bool there, const char *need, const char *why)
{
	const char *require = getenv("KARST_REQUIRE");
	char list[512], item[64];

	if (there)
		return;
	snprintf(list, sizeof list, ",%s,", require ? require : "");
	snprintf(item, sizeof item, ",%s,", need);
	if (strstr(list, item) != NULL) {
		printf("FAILED: %s, and KARST_REQUIRE lists %s\n", why, need);
		exit(EXIT_FAILURE);
	}
	printf("skipped: %s\n", why);
	exit(77);
}

bool
runs(const char *path)
{
	return access(path, X_OK) == 0;
}

const char *
python_with_ncclient(void)
{
	static const char *const pythons[] = { "/usr/bin/python3", "python3" };
	char command[128];

	for (size_t i = 0; i < 2; i++) {
		snprintf(command, sizeof command, "%s -c 'import ncclient' 2>/dev/null",
			 pythons[i]);
		if (system(command) == 0)
			return pythons[i];
	}
	return NULL;
}

static const char *
yang_path(void)
{
	const char *set = getenv("KARST_YANG_PATH");

	return set ? set : KARST_SRCDIR "/models/yang";
}

/* --- children --- */

static void
in_child(const char *const *argv, const char *const *env, const int in[2], const int out[2])
{
	int null = open("/dev/null", O_WRONLY);

	dup2(in[0], 0);
	dup2(out[1], 1);
	if (getenv("KARST_TEST_VERBOSE") == NULL)
		dup2(null, 2);
	closefrom(3);
	for (size_t i = 0; env != NULL && env[i] != NULL; i++)
		putenv((char *)(uintptr_t)env[i]);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

struct child *
world_spawn(struct world *w, const char *const *argv, const char *const *env)
{
	struct child *c = &w->children[w->children_count];
	int in[2], out[2];

	ck_assert_uint_lt(w->children_count, sizeof w->children / sizeof *w->children);
	ck_assert_int_eq(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	c->pid = fork();
	ck_assert_int_ge(c->pid, 0);
	if (c->pid == 0)
		in_child(argv, env, in, out);
	close(in[0]);
	close(out[1]);
	c->in = fdopen(in[1], "w");
	c->out = fdopen(out[0], "r");
	w->children_count++;
	return c;
}

void
child_end(struct child *c, int signal)
{
	if (c->pid <= 0)
		return;
	kill(c->pid, signal);
	kill(c->pid, SIGCONT);
	waitpid(c->pid, NULL, 0);
	fclose(c->in);
	fclose(c->out);
	*c = (struct child){ 0 };
}

const char *
child_line(struct child *c)
{
	static char line[1 << 20];

	if (fgets(line, sizeof line, c->out) == NULL)
		return NULL;
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

const char *
child_ask(struct child *c, const char *line)
{
	const char *answer;

	fprintf(c->in, "%s\n", line);
	fflush(c->in);
	do
		answer = child_line(c);
	while (answer != NULL && strncmp(answer, "ok", 2) != 0 && strncmp(answer, "error", 5) != 0);
	ck_assert_msg(answer != NULL, "a child ended at \"%s\"", line);
	return answer;
}

/* --- servers and clients --- */

uint16_t
world_ports(unsigned n)
{
	uint32_t start = 20000 + (uint32_t)getpid() * 331 % 10000;

	for (uint32_t first = start; first < start + 10000; first += n) {
		unsigned ok = 0;

		for (; ok < n; ok++) {
			struct sockaddr_in a = { .sin_family = AF_INET };
			int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

			a.sin_port = htons((uint16_t)(first + ok));
			a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
			setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
			bool free_port = bind(fd, (struct sockaddr *)&a, sizeof a) == 0;

			close(fd);
			if (!free_port)
				break;
		}
		if (ok == n)
			return (uint16_t)first;
	}
	ck_abort_msg("no free ports");
	return 0;
}

static void
make_keys(struct world *w)
{
	ssh_key key = NULL;
	unsigned char *hash = NULL;
	size_t len = 0;
	char path[160], *text;

	for (int client = 0; client < 2; client++) {
		char *file = client ? w->client_key : w->host_key;

		snprintf(file, sizeof w->host_key, "%s/%s", w->dir, client ? "id" : "host");
		ck_assert_int_eq(ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key), SSH_OK);
		ck_assert_int_eq(ssh_pki_export_privkey_file(key, NULL, NULL, NULL, file), SSH_OK);
		chmod(file, 0600);
		snprintf(path, sizeof path, "%s.pub", file);
		ck_assert_int_eq(ssh_pki_export_pubkey_file(key, path), SSH_OK);
		if (!client) {
			ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len);
			text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
			snprintf(w->host_fingerprint, sizeof w->host_fingerprint, "%s", text);
			ssh_string_free_char(text);
			ssh_clean_pubkey_hash(&hash);
		}
		ssh_key_free(key);
	}
}

struct child *
world_routers(struct world *w, unsigned count, uint16_t first, const char *more)
{
	const char *build = getenv("KARST_BUILDDIR"), *yang = yang_path();
	char program[512], n[16], port[16], path[1024], authorized[160];
	const char *argv[] = { program,    "--count",    n,           "--port",
			       port,       "--host-key", w->host_key, "--authorized",
			       authorized, "--yang",     path,        more,
			       NULL };
	struct child *c;

	snprintf(program, sizeof program, "%s/karst-lab-routers", build ? build : ".");
	snprintf(n, sizeof n, "%u", count);
	snprintf(port, sizeof port, "%u", first);
	snprintf(path, sizeof path, "%s:/usr/share/yuma/modules/ietf", yang);
	snprintf(authorized, sizeof authorized, "%s.pub", w->client_key);
	skip_unless(access("/usr/share/yuma/modules/ietf", R_OK) == 0, "yuma",
		    "the package libyuma-base with ietf-netconf's YANG modules is not there");
	c = world_spawn(w, argv, NULL);
	ck_assert_msg(child_line(c) != NULL, "the emulated routers do not start");
	return c;
}

static void
wait_for_port(uint16_t port)
{
	for (int i = 0; i < WAIT_S * 100; i++) {
		struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		bool there = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;

		close(fd);
		if (there)
			return;
		usleep(10000);
	}
	ck_abort_msg("nobody listens on port %u", port);
}

struct child *
world_sshd(struct world *w, uint16_t port, const char *command)
{
	char config[128], address[64];
	const char *argv[] = { "/usr/sbin/sshd", "-D", "-e", "-f", config, NULL };
	struct child *c;
	FILE *f;

	skip_unless(runs("/usr/sbin/sshd") && geteuid() == 0, "root",
		    "an sshd of one's own needs openssh-server and root");
	mkdir("/run/sshd", 0755);
	snprintf(config, sizeof config, "%s/sshd-%u", w->dir, port);
	snprintf(address, sizeof address, "127.0.0.1:%u", port);
	f = fopen(config, "w");
	fprintf(f,
		"ListenAddress %s\nHostKey %s\nPidFile none\nAuthorizedKeysFile %s.pub\n"
		"StrictModes no\nUsePAM no\nPermitRootLogin prohibit-password\n"
		"PasswordAuthentication no\nMaxStartups 200\nSubsystem netconf %s\n",
		address, w->host_key, w->client_key, command);
	fclose(f);
	c = world_spawn(w, argv, NULL);
	wait_for_port(port);
	return c;
}

void
world_netconfd(struct world *w, uint16_t port, struct child **netconfd, struct child **sshd)
{
	const char *yang = yang_path();
	char socket_arg[160], port_arg[32], modpath[600], home[160], yuma_home[160], command[256];
	const char *env[] = { home, yuma_home, NULL };
	const char *argv[] = { "netconfd",
			       "--module=karst-device",
			       modpath,
			       "--no-startup",
			       "--access-control=off",
			       "--superuser=root",
			       socket_arg,
			       port_arg,
			       "--log=/dev/null",
			       NULL };
	struct stat st;
	char path[128];

	skip_unless(runs("/usr/sbin/netconfd") && runs("/usr/sbin/netconf-subsystem"), "yuma",
		    "netconfd (Debian package netconfd, yuma123) is not there");
	snprintf(path, sizeof path, "%s/home", w->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/home/data", w->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/ncx-%u", w->dir, port);
	unlink(path);
	snprintf(home, sizeof home, "HOME=%s/home", w->dir);
	snprintf(yuma_home, sizeof yuma_home, "YUMA_HOME=%s/home", w->dir);
	snprintf(socket_arg, sizeof socket_arg, "--ncxserver-sockname=%s", path);
	snprintf(port_arg, sizeof port_arg, "--port=%u", port);
	snprintf(modpath, sizeof modpath, "--modpath=%s:/usr/share/yuma/modules", yang);
	*netconfd = world_spawn(w, argv, env);
	for (int i = 0; i < WAIT_S * 100 && stat(path, &st) != 0; i++)
		usleep(10000);
	ck_assert_msg(stat(path, &st) == 0, "netconfd does not start");
	snprintf(command, sizeof command,
		 "\"/usr/sbin/netconf-subsystem --ncxserver-sockname=%u@%s\"", port, path);
	if (sshd != NULL)
		*sshd = world_sshd(w, port, command);
}

struct child *
world_client(struct world *w, uint16_t port)
{
	const char *src = getenv("KARST_SRCDIR"), *python = python_with_ncclient();
	char script[512], number[16];
	const char *argv[] = { python, script, number, w->client_key, NULL };
	struct child *c;

	skip_unless(python != NULL, "ncclient", "python3-ncclient is not there");
	snprintf(script, sizeof script, "%s/tests/interop/other.py", src ? src : KARST_SRCDIR);
	snprintf(number, sizeof number, "%u", port);
	c = world_spawn(w, argv, NULL);
	ck_assert_msg(child_line(c) != NULL, "ncclient does not connect");
	return c;
}

/* --- the driver --- */

static const char *
keep(struct world *w, const char *text)
{
	return text ? arena_strdup(&w->memory, text) : NULL;
}

static void
keep_state(struct world *w, const struct device_state *from, struct device_state *to)
{
	struct srpolicy *ours = arena_alloc(&w->memory, (from->n_policies + 1) * sizeof *ours);
	struct srpolicy *others = arena_alloc(&w->memory, (from->n_foreign + 1) * sizeof *others);
	struct srpolicy_oper *oper = arena_copy(&w->memory, from->oper ? from->oper : (void *)to,
						from->n_oper * sizeof *oper);

	for (size_t i = 0; i < from->n_policies; i++)
		ours[i] = *srpolicy_copy(&w->memory, &from->policies[i]);
	for (size_t i = 0; i < from->n_foreign; i++)
		others[i] = *srpolicy_copy(&w->memory, &from->foreign[i]);
	*to = *from;
	to->policies = ours;
	to->foreign = others;
	to->oper = oper;
	to->pending_persist_id = keep(w, from->pending_persist_id);
}

static void
on_event(void *ctx, const struct service_event *e)
{
	struct world *w = ctx;
	struct seen *s;

	ck_assert_int_eq(
	    array_reserve(&w->seen, &w->seen_cap, w->seen_count + 1, sizeof *w->seen, NULL),
	    PCE_OK);
	s = &w->seen[w->seen_count++];
	*s = (struct seen){ .kind = e->kind, .id = e->id };
	switch (e->kind) {
	case SERVICE_DEVICE_UP:
		s->device = keep(w, e->u.device_up.device);
		s->capabilities = e->u.device_up.capabilities;
		break;
	case SERVICE_DEVICE_DOWN:
		s->device = keep(w, e->u.device_down.device);
		s->status = e->u.device_down.status;
		s->text = keep(w, e->u.device_down.text);
		break;
	case SERVICE_DEVICE_RESULT:
		s->device = keep(w, e->u.device_result.device);
		s->result = e->u.device_result.result;
		s->status = s->result.status;
		s->text = s->result.text = keep(w, s->result.text);
		break;
	case SERVICE_DEVICE_READ:
		s->device = keep(w, e->u.device_read.device);
		s->status = e->u.device_read.status;
		s->text = keep(w, e->u.device_read.text);
		if (s->status == PCE_OK)
			keep_state(w, &e->u.device_read.state, &s->state);
		break;
	case SERVICE_DEVICE_CHANGED: /* what others did, and roll-backs */
		s->device = keep(w, e->u.device_changed.device);
		break;
	default:
		ck_abort_msg("the driver posted an event of kind %d", (int)e->kind);
	}
	if (w->hook != NULL)
		w->hook(w, &w->seen[w->seen_count - 1]);
}

void
world_new_driver(struct world *w)
{
	struct driver_context context = { .loop = w->loop,
					  .sink = { on_event, w },
					  .config = &w->config,
					  .seed = 1,
					  .yang_dir = yang_path() };
	struct pce_error err = { 0 };

	if (w->driver != NULL)
		w->driver->ops->free(w->driver);
	ck_assert_msg(netconf_driver_new(&context, &w->driver, &err) == PCE_OK, "%s", err.text);
}

void
world_make(struct world *w)
{
	*w = (struct world){ .dir = "" };
	temporary_template(w->dir, sizeof(w->dir), "interop");
	signal(SIGPIPE, SIG_IGN);
	ck_assert_ptr_nonnull(mkdtemp(w->dir));
	make_keys(w);
	w->config = (struct karst_config){ .color_min = 100,
					   .color_max = 199,
					   .name_prefix = "karst-",
					   .rpc_timeout_s = 30,
					   .max_connects = 12 };
	w->loop = event_base_new();
	world_new_driver(w);
}

void
world_end(struct world *w)
{
	char command[128];

	w->driver->ops->free(w->driver);
	event_base_free(w->loop);
	for (unsigned i = w->children_count; i-- > 0;)
		child_end(&w->children[i], SIGTERM);
	snprintf(command, sizeof command, "rm -rf '%s'", w->dir);
	ck_assert_int_eq(system(command), 0);
	free(w->seen);
	arena_free(&w->memory);
}

struct config_device
world_device(struct world *w, const char *name, uint16_t port, const char *profile)
{
	return (struct config_device){ .name = name,
				       .driver = "netconf",
				       .profile = profile,
				       .address = "127.0.0.1",
				       .port = port,
				       .username = "root",
				       .private_key_file = w->client_key,
				       .host_key_sha256 = w->host_fingerprint };
}

static void
nothing(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

const struct seen *
world_wait(struct world *w, enum service_event_kind kind, uint64_t id)
{
	struct event *tick = event_new(w->loop, -1, EV_PERSIST, nothing, NULL);
	struct timeval tv = { 0, 20000 };
	time_t until = time(NULL) + WAIT_S;
	const struct seen *found = NULL;

	event_add(tick, &tv);
	while (found == NULL && time(NULL) < until) {
		while (w->seen_read < w->seen_count && found == NULL) {
			const struct seen *s = &w->seen[w->seen_read++];

			if (s->kind == kind && (id == 0 || s->id == id))
				found = s;
		}
		if (found == NULL)
			event_base_loop(w->loop, EVLOOP_ONCE);
	}
	event_free(tick);
	ck_assert_msg(found != NULL, "no event of kind %d, id %u came", (int)kind, (unsigned)id);
	return found;
}

const char *
world_last_loss(const struct world *w)
{
	for (size_t i = w->seen_count; i-- > 0;)
		if (w->seen[i].kind == SERVICE_DEVICE_DOWN && w->seen[i].text != NULL)
			return w->seen[i].text;
	return "none";
}

void
world_run(struct world *w, unsigned ms)
{
	struct timeval tv = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };

	event_base_loopexit(w->loop, &tv);
	event_base_dispatch(w->loop);
}

const struct srpolicy *
world_policy(struct world *w, uint32_t color, unsigned lists, unsigned segments)
{
	struct srpolicy *p = arena_alloc(&w->memory, sizeof *p);
	struct srpolicy_path *path = arena_alloc(&w->memory, sizeof *path);
	struct srpolicy_list *list = arena_alloc(&w->memory, lists * sizeof *list);
	char text[64];

	for (unsigned i = 0; i < lists; i++) {
		uint8_t(*sids)[16] = arena_alloc(&w->memory, segments * 16);
		uint16_t *behaviors = arena_alloc(&w->memory, segments * 2);

		for (unsigned k = 0; k < segments; k++) {
			struct ip_addr a;

			snprintf(text, sizeof text, "2001:db8:%x:%x::%x", color, i + 1, k + 1);
			ip_parse(text, &a, NULL);
			memcpy(sids[k], a.octets, 16);
			behaviors[k] = 1;
		}
		snprintf(text, sizeof text, "list-%u", i + 1);
		list[i] = (struct srpolicy_list){ keep(w, text), i + 1, (const uint8_t(*)[16])sids,
						  behaviors, segments };
	}
	*path = (struct srpolicy_path){ "main", 100, list, lists };
	snprintf(text, sizeof text, "karst-%u", color);
	*p =
	    (struct srpolicy){ .color = color, .name = keep(w, text), .paths = path, .n_paths = 1 };
	ip_parse("2001:db8::0:1", &p->endpoint, NULL);
	ip_parse("2001:db8:b::1", &p->binding_sid, NULL);
	return p;
}
