noinst_LIBRARIES += southbound/profile/libprofile.a
southbound_profile_libprofile_a_SOURCES = southbound/profile/profile.c southbound/profile/profile.h
