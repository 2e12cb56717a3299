web_files = northbound/web/index.html northbound/web/app.js northbound/web/app.css northbound/web/api.js \
	northbound/web/table.js northbound/web/map.js northbound/web/detail.js northbound/web/icon.svg
noinst_LIBRARIES += northbound/web/libweb.a
northbound_web_libweb_a_SOURCES = northbound/web/web.h
nodist_northbound_web_libweb_a_SOURCES = northbound/web/pages.c
CLEANFILES += northbound/web/pages.c
EXTRA_DIST += $(web_files) northbound/web/embed.sh

northbound/web/pages.c: $(web_files) northbound/web/embed.sh
	$(AM_V_GEN)$(MKDIR_P) northbound/web && cd $(srcdir) && \
	sh northbound/web/embed.sh $(web_files) > $(abs_builddir)/northbound/web/pages.c.new && \
	mv $(abs_builddir)/northbound/web/pages.c.new $(abs_builddir)/northbound/web/pages.c
