/* What is Karst's on a router and what is not; profiles. */
#include <string.h>

#include "southbound/netconf/payload.h"
#include "southbound/profile/profile.h"
#include "tests/support/suite.h"

static struct profile *map;
static struct netconf_device_payload p;

static void
setup(void)
{
	static const struct karst_config config = { .color_min = 100,
						    .color_max = 199,
						    .name_prefix = "karst-" };
	struct pce_error err = { 0 };

	ck_assert_msg(profile_new(profile_table_builtin("karst"), &map, &err) == PCE_OK, "%s",
		      err.text);
	netconf_device_payload_init(&p, map, &config, NULL);
}

static void
teardown(void)
{
	profile_free(map);
}

static struct srpolicy
policy(uint32_t color, const char *name)
{
	struct srpolicy s = { .color = color, .name = name };

	ip_parse("2001:db8::1", &s.endpoint, NULL);
	return s;
}

START_TEST(check_only_lets_our_colors_and_names_pass)
{
	static const struct {
		uint32_t color;
		const char *name;
		enum deploy_action action;
		enum pce_status status;
	} rows[] = {
		{ 100, "karst-a", DEPLOY_REPLACE, PCE_OK },
		{ 199, "karst-", DEPLOY_REPLACE, PCE_OK },
		{ 99, "karst-a", DEPLOY_REPLACE, PCE_DENIED },
		{ 200, "karst-a", DEPLOY_REPLACE, PCE_DENIED },
		{ 100, "karst", DEPLOY_REPLACE, PCE_DENIED },
		{ 100, "Karst-a", DEPLOY_REPLACE, PCE_DENIED },
		{ 100, NULL, DEPLOY_REPLACE, PCE_DENIED },
		{ 100, NULL, DEPLOY_REMOVE, PCE_OK },
		{ 99, NULL, DEPLOY_REMOVE, PCE_DENIED },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct srpolicy s = policy(rows[i].color, rows[i].name);
		struct deploy_change c = { rows[i].action, &s, NULL };

		ck_assert_int_eq(profile_check(&p.owner, &c, 1, NULL), rows[i].status);
	}
}
END_TEST

static const char configuration[] =
    "<srv6-policies xmlns=\"urn:karst:yang:karst-device\">"
    "<policy><color>150</color><endpoint>2001:db8::1</endpoint><name>karst-a</name></policy>"
    "<policy><color>150</color><endpoint>2001:db8::2</endpoint><name>other</name></policy>"
    "<policy><color>99</color><endpoint>2001:db8::1</endpoint><name>karst-b</name></policy>"
    "<policy><color>151</color><endpoint>2001:db8::1</endpoint></policy></srv6-policies>";

START_TEST(state_tells_ours_from_others)
{
	static const char state[] =
	    "<srv6-policies xmlns=\"urn:karst:yang:karst-device\"><policy><color>150</color>"
	    "<endpoint>2001:db8::1</endpoint><state><oper-state>down</oper-state>"
	    "<reason>no path</reason></state></policy></srv6-policies>";
	struct arena arena = { 0 };
	struct device_state s = { 0 };
	struct pce_error err = { 0 };

	ck_assert_msg(netconf_payload_state(&p, configuration, state, &arena, &s, &err) == PCE_OK,
		      "%s", err.text);
	ck_assert_uint_eq(s.n_policies, 1);
	ck_assert_str_eq(s.policies[0].name, "karst-a");
	ck_assert_uint_eq(s.n_foreign, 3);
	ck_assert_uint_eq(s.foreign[0].color, 99);
	ck_assert_uint_eq(s.n_oper, 1);
	ck_assert(!s.oper[0].up);
	ck_assert_str_eq(s.oper[0].reason, "no path");
	ck_assert_int_eq(netconf_payload_state(&p, "", "", &arena, &s, &err), PCE_OK);
	ck_assert_uint_eq(s.n_policies + s.n_foreign + s.n_oper, 0);
	arena_free(&arena);
}
END_TEST

START_TEST(state_with_impossible_values_is_malformed)
{
	static const char *const bad[] = {
		"<srv6-policies xmlns=\"urn:karst:yang:karst-device\"><policy><color>x</color>",
		"<srv6-policies xmlns=\"urn:karst:yang:karst-device\"><policy><color>-1</color>"
		"<endpoint>2001:db8::1</endpoint></policy></srv6-policies>",
		"<srv6-policies xmlns=\"urn:karst:yang:karst-device\"><policy><color>1</color>"
		"<endpoint>10.0.0</endpoint></policy></srv6-policies>",
		"not XML at all",
	};
	struct arena arena = { 0 };
	struct device_state s = { .n_policies = 7 };
	struct pce_error err = { 0 };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_ne(netconf_payload_state(&p, bad[i], "", &arena, &s, &err), PCE_OK);
		ck_assert_uint_eq(s.n_policies, 7);
		ck_assert_uint_gt(strlen(err.text), 10);
	}
	arena_free(&arena);
}
END_TEST

START_TEST(owned_refuses_what_a_stranger_made)
{
	struct srpolicy ours = policy(150, "karst-new"), nameless = policy(151, "karst-new"),
			absent = policy(152, "karst-new"), theirs = policy(150, "karst-new");
	const struct {
		const struct srpolicy *policy;
		enum pce_status status;
	} rows[] = { { &ours, PCE_OK },
		     { &absent, PCE_OK },
		     { &nameless, PCE_EXISTS },
		     { &theirs, PCE_EXISTS } };

	ip_parse("2001:db8::2", &theirs.endpoint, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct deploy_change c = { DEPLOY_REPLACE, rows[i].policy, NULL };

		ck_assert_int_eq(
		    p.payload.owned(&p, &c, 1, configuration, strlen(configuration), NULL),
		    rows[i].status);
	}
}
END_TEST

START_TEST(verify_wants_just_what_was_asked)
{
	struct srpolicy a = policy(150, "karst-a"), b = policy(150, "karst-b"),
			absent = policy(160, "karst-c");
	const struct {
		struct deploy_change change;
		bool inverse;
		enum pce_status status;
	} rows[] = {
		{ { DEPLOY_REPLACE, &a, NULL }, false, PCE_OK },
		{ { DEPLOY_REPLACE, &b, NULL }, false, PCE_UNSUPPORTED },
		{ { DEPLOY_REPLACE, &absent, NULL }, false, PCE_UNSUPPORTED },
		{ { DEPLOY_REMOVE, &absent, NULL }, false, PCE_OK },
		{ { DEPLOY_REMOVE, &a, NULL }, false, PCE_UNSUPPORTED },
		{ { DEPLOY_REPLACE, &b, &a }, true, PCE_OK },
		{ { DEPLOY_REPLACE, &absent, NULL }, true, PCE_OK },
		{ { DEPLOY_REPLACE, &a, NULL }, true, PCE_UNSUPPORTED },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_int_eq(p.payload.verify(&p, &rows[i].change, 1, rows[i].inverse,
						  configuration, strlen(configuration), NULL),
				 rows[i].status);
}
END_TEST

START_TEST(profile_of_configuration_goes_before_the_built_in)
{
	static const struct config_profile own[] = { { .name = "yuma", .batch = 7 } };
	const struct karst_config config = { .profiles = own, .n_profiles = 1 };
	struct config_device d = { .name = "r1" };
	const struct config_profile *found = NULL;
	struct pce_error err = { 0 };

	ck_assert_int_eq(profile_of_device(&config, &d, &found, NULL), PCE_OK);
	ck_assert_str_eq(found->name, "default");
	d.profile = "yuma";
	ck_assert_int_eq(profile_of_device(&config, &d, &found, NULL), PCE_OK);
	ck_assert_uint_eq(found->batch, 7);
	d.profile = "opendaylight";
	ck_assert_int_eq(profile_of_device(&config, &d, &found, NULL), PCE_OK);
	ck_assert(found->no_confirmed_commit);
	d.profile = "none";
	ck_assert_int_eq(profile_of_device(&config, &d, &found, &err), PCE_NOT_FOUND);
	ck_assert_str_eq(err.text, "device r1: there is no profile none");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("payload");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, check_only_lets_our_colors_and_names_pass);
	tcase_add_test(t, state_tells_ours_from_others);
	tcase_add_test(t, state_with_impossible_values_is_malformed);
	tcase_add_test(t, owned_refuses_what_a_stranger_made);
	tcase_add_test(t, verify_wants_just_what_was_asked);
	tcase_add_test(t, profile_of_configuration_goes_before_the_built_in);
	return suite_run("netconf-payload", t, 30);
}
