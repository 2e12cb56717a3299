noinst_LIBRARIES += northbound/http/libhttp.a
northbound_http_libhttp_a_SOURCES = \
	northbound/http/file.c northbound/http/file.h \
	northbound/http/http.h northbound/http/http_internal.h \
	northbound/http/request.c \
	northbound/http/server.c \
	northbound/http/target.c northbound/http/target.h \
	northbound/http/tls.c northbound/http/tls.h
