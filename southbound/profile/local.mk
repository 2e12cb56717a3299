noinst_LIBRARIES += southbound/profile/libprofile.a
southbound_profile_libprofile_a_SOURCES = \
	southbound/profile/builtin.c \
	southbound/profile/decode.c \
	southbound/profile/encode.c \
	southbound/profile/filter.c \
	southbound/profile/json.c \
	southbound/profile/library.c southbound/profile/library.h \
	southbound/profile/map.c southbound/profile/map.h southbound/profile/map_internal.h \
	southbound/profile/owner.c \
	southbound/profile/print.c \
	southbound/profile/profile.c southbound/profile/profile.h \
	southbound/profile/set.c \
	southbound/profile/state.c southbound/profile/value.c \
	southbound/profile/tree.c southbound/profile/tree.h
