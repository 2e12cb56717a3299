/*
 * The driver and OpenDaylight's netconf-testtool: an independent server without confirmed commit,
 * with a candidate for each session, and whose lists come in any order. Its jar is found by
 * KARST_ODL_JAR or in Maven's local repository, where
 *
 *   mvn dependency:get -Dtransitive=false \
 *     -Dartifact=org.opendaylight.netconf:netconf-testtool:10.0.2:jar:executable
 *
 * puts it; it needs Java 21 or newer (KARST_JAVA, or the first one that is found).
 */
#define _GNU_SOURCE
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "southbound/profile/profile.h"
#include "tests/interop/world.h"
#include "tests/support/suite.h"

static struct world w;
static struct child *other;
static struct config_device config;
static struct driver_device *device;
static uint64_t last_effect;
static struct deploy_change changes[8];
static char jar[512], java[512];

static bool
find_one(const char *pattern, char out[512])
{
	glob_t g;
	bool found = glob(pattern, 0, NULL, &g) == 0 && g.gl_pathc > 0;

	if (found)
		snprintf(out, 512, "%s", g.gl_pathv[g.gl_pathc - 1]);
	globfree(&g);
	return found;
}

static void
find_jar(void)
{
	const char *set = getenv("KARST_ODL_JAR"), *home = getenv("HOME");
	char pattern[512];

	snprintf(pattern, sizeof pattern,
		 "%s/.m2/repository/org/opendaylight/netconf/netconf-testtool/*/"
		 "netconf-testtool-*-executable.jar",
		 home ? home : "");
	skip_unless(find_one(set ? set : pattern, jar), "odl",
		    "OpenDaylight's netconf-testtool is not there (KARST_ODL_JAR)");
}

/* "21" or newer: the class file version decides, so each candidate is asked. */
static bool
is_new_java(const char *path)
{
	char command[700];

	snprintf(command, sizeof command,
		 "%s -version 2>&1 | grep -qE 'version \"(2[1-9]|[3-9][0-9])'", path);
	return path[0] != '\0' && system(command) == 0;
}

static void
find_java(void)
{
	const char *set = getenv("KARST_JAVA");
	glob_t g;

	snprintf(java, sizeof java, "%s", set ? set : "java");
	if (!is_new_java(java) && glob("/usr/lib/jvm/*/bin/java", 0, NULL, &g) == 0) {
		for (size_t i = 0; i < g.gl_pathc && !is_new_java(java); i++)
			snprintf(java, sizeof java, "%s", g.gl_pathv[i]);
		globfree(&g);
	}
	skip_unless(is_new_java(java), "java", "Java 21 or newer is not there (KARST_JAVA)");
}

/* Modules under the names that the tool wants: module@revision.yang. */
static void
copy_schemas(const char *dir)
{
	static const char script[] =
	    "mkdir -p '%s' && for m in karst-device karst-types; do "
	    "f='%s'/$m.yang; r=$(sed -n 's/^ *revision \\([0-9-]*\\).*/\\1/p' $f | head -1); "
	    "cp $f '%s'/$m@$r.yang; done; "
	    "cp /usr/share/yuma/modules/ietf/ietf-inet-types@2013-07-15.yang '%s'/";
	const char *yang = getenv("KARST_YANG_PATH");
	char command[4096];

	yang = yang ? yang : KARST_SRCDIR "/models/yang";
	snprintf(command, sizeof command, script, dir, yang, dir, dir);
	ck_assert_int_eq(system(command), 0);
}

static void
start_tool(uint16_t port)
{
	char number[16], schemas[128], known[128], command[300];
	const char *argv[] = { java,
			       "-Xmx512m",
			       "-jar",
			       jar,
			       "--ip",
			       "127.0.0.1",
			       "--starting-port",
			       number,
			       "--device-count",
			       "1",
			       "--md-sal",
			       "true",
			       "--ssh",
			       "true",
			       "--schemas-dir",
			       schemas,
			       NULL };
	struct child *tool;
	const char *said;

	snprintf(number, sizeof number, "%u", port);
	snprintf(schemas, sizeof schemas, "%s/schemas", w.dir);
	copy_schemas(schemas);
	tool = world_spawn(&w, argv, NULL);
	do
		said = child_line(tool);
	while (said != NULL && strstr(said, "All simulated devices started") == NULL);
	ck_assert_msg(said != NULL, "the testtool does not start");
	snprintf(known, sizeof known, "%s/known", w.dir);
	snprintf(command, sizeof command, "ssh-keyscan -T 30 -p %u 127.0.0.1 >'%s' 2>/dev/null",
		 port, known);
	ck_assert_int_eq(system(command), 0);
}

static void
begin(void)
{
	static char known[128];
	uint16_t port = world_ports(1);

	world_make(&w);
	start_tool(port);
	other = world_client(&w, port);
	ck_assert_str_eq(child_ask(other, "edit 999 operator-manual"), "ok ");
	ck_assert_str_eq(child_ask(other, "commit"), "ok ");
	config = world_device(&w, "odl", port, "opendaylight");
	snprintf(known, sizeof known, "%s/known", w.dir);
	config.host_key_sha256 = NULL;
	config.known_hosts_file = known;
	w.config.rpc_timeout_s = 30;
	ck_assert_int_eq(
	    w.driver->ops->open(w.driver, &config, profile_builtin("opendaylight"), &device, NULL),
	    PCE_OK);
	ck_assert_uint_eq(world_wait(&w, SERVICE_DEVICE_UP, 0)->capabilities, DEVICE_ATOMIC);
}

static const struct seen *
apply(enum deploy_phase phase, const struct deploy_transaction *t)
{
	struct pce_error err = { 0 };

	ck_assert_msg(w.driver->ops->apply(device, ++last_effect, phase, t, &err) == PCE_OK, "%s",
		      err.text);
	return world_wait(&w, SERVICE_DEVICE_RESULT, last_effect);
}

static void
expect(enum deploy_phase phase, const struct deploy_transaction *t)
{
	const struct seen *s = apply(phase, t);

	ck_assert_msg(s->status == PCE_OK, "%s", s->text ? s->text : "");
}

static char *
ask_other(const char *line)
{
	return strdup(child_ask(other, line));
}

static void
expect_datastores(const char *running, const char *candidate)
{
	char *r = ask_other("show running"), *c = ask_other("show candidate");

	ck_assert_str_eq(r, running);
	ck_assert_str_eq(c, candidate);
	free(r);
	free(c);
}

START_TEST(router_without_confirmed_commit)
{
	struct deploy_transaction t = {
		.id = 1, .device = "odl", .persist_id = "p", .changes = changes, .n_changes = 3
	};
	char *before, *dirty;
	const struct seen *s;

	begin();
	before = ask_other("show running");
	for (uint32_t i = 0; i < 3; i++)
		changes[i] =
		    (struct deploy_change){ DEPLOY_REPLACE, world_policy(&w, 100 + i, 2, 3), NULL };
	/* Taken back by the inverse edit. */
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CANCEL, &t);
	expect_datastores(before, before);
	/* Kept; the stranger's policy beside it. */
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CONFIRM, &t);
	ck_assert_int_eq(w.driver->ops->read(device, ++last_effect, NULL), PCE_OK);
	s = world_wait(&w, SERVICE_DEVICE_READ, last_effect);
	ck_assert_msg(s->status == PCE_OK, "%s", s->text ? s->text : "");
	ck_assert_uint_eq(s->state.n_policies, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert(srpolicy_equal(&s->state.policies[i], changes[i].policy));
	ck_assert_uint_eq(s->state.n_foreign, 1);
	/* Changed and removed, and put back as it was. */
	for (uint32_t i = 0; i < 3; i++)
		changes[i].before = changes[i].policy;
	changes[0].policy = world_policy(&w, 100, 1, 1);
	changes[1].action = DEPLOY_REMOVE;
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CANCEL, &t);
	w.driver->ops->read(device, ++last_effect, NULL);
	s = world_wait(&w, SERVICE_DEVICE_READ, last_effect);
	for (size_t i = 0; i < 3; i++)
		ck_assert(srpolicy_equal(&s->state.policies[i], changes[i].before));
	for (size_t i = 0; i < 3; i++)
		changes[i].action = DEPLOY_REMOVE;
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CONFIRM, &t);
	expect_datastores(before, before);
	/* Somebody is editing a candidate of their own: it is left alone. */
	ck_assert_str_eq(child_ask(other, "edit 998 somebody-is-editing"), "ok ");
	dirty = ask_other("show candidate");
	ck_assert_str_ne(dirty, before);
	for (size_t i = 0; i < 3; i++)
		changes[i] = (struct deploy_change){ DEPLOY_REPLACE, changes[i].before, NULL };
	expect(DEPLOY_PREPARE, &t);
	expect(DEPLOY_CANCEL, &t);
	expect_datastores(before, dirty);
	free(before);
	free(dirty);
	w.driver->ops->close(device);
	world_end(&w);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("opendaylight");

	find_jar();
	find_java();
	skip_unless(python_with_ncclient() != NULL, "ncclient", "python3-ncclient is not there");
	skip_unless(access("/usr/share/yuma/modules/ietf", R_OK) == 0, "yuma",
		    "the package libyuma-base with ietf-inet-types is not there");
	tcase_add_test(t, router_without_confirmed_commit);
	return suite_run("netconf-opendaylight", t, 120);
}
