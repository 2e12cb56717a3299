profile_test_libs = southbound/netconf/libnetconf.a southbound/netconf/libncsession.a \
	southbound/profile/libprofile.a models/codec/libcodec.a pce/policy/libpolicy.a \
	pce/base/libbase.a $(LIBYANG_LIBS) $(LIBFYAML_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/profile/test_map
tests_profile_test_map_SOURCES = tests/profile/test_map.c tests/profile/fixture.h \
	tests/support/suite.h
tests_profile_test_map_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_profile_test_map_LDADD = $(profile_test_libs)

EXTRA_DIST += \
	tests/profile/yang/edit-operations.yang \
	tests/profile/yang/ietf-routing.yang \
	tests/profile/yang/ietf-sr-policy.yang

check_PROGRAMS += tests/profile/test_profile
tests_profile_test_profile_SOURCES = tests/profile/test_profile.c tests/profile/fixture.h \
	tests/support/suite.h
tests_profile_test_profile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_profile_test_profile_LDADD = $(profile_test_libs)

# Planted bugs: see ./dev mutants.
EXTRA_DIST += \
	tests/mutants/profile-old-lists-stay.patch \
	tests/mutants/profile-old-name-stays.patch \
	tests/mutants/profile-other-constants-pass.patch \
	tests/mutants/profile-proof-is-skipped.patch
