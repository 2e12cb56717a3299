noinst_LIBRARIES += northbound/auth/libauth.a
northbound_auth_libauth_a_SOURCES = northbound/auth/audit.c northbound/auth/audit.h \
	northbound/auth/auth.c northbound/auth/auth.h \
	northbound/auth/certificate.c northbound/auth/certificate.h
