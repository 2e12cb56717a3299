noinst_LIBRARIES += pce/policy/libpolicy.a
pce_policy_libpolicy_a_SOURCES = \
	pce/policy/affected.c pce/policy/affected.h \
	pce/policy/build.c pce/policy/build.h \
	pce/policy/copy.h \
	pce/policy/differ.c pce/policy/differ.h \
	pce/policy/intent.c pce/policy/intent.h \
	pce/policy/ledger.c pce/policy/ledger.h \
	pce/policy/loose.c pce/policy/loose.h \
	pce/policy/place.c pce/policy/place.h \
	pce/policy/policy.c pce/policy/policy.h \
	pce/policy/request.c pce/policy/request.h \
	pce/policy/stray.c pce/policy/stray.h
