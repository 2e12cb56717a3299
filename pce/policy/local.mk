noinst_LIBRARIES += pce/policy/libpolicy.a
pce_policy_libpolicy_a_SOURCES = \
	pce/policy/copy.h \
	pce/policy/intent.c pce/policy/intent.h \
	pce/policy/policy.c pce/policy/policy.h
