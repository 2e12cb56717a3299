dist_man_MANS += doc/karst.1 doc/karstd.8
dist_doc_DATA = doc/karstd.yaml doc/api.md
systemdsystemunit_DATA = doc/karstd.service
EXTRA_DIST += doc/karstd.service.in
CLEANFILES += doc/karstd.service

doc/karstd.service: $(srcdir)/doc/karstd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) doc && sed -e 's|@sbindir[@]|$(sbindir)|' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|' $(srcdir)/doc/karstd.service.in >$@

dist_check_SCRIPTS += tests/doc/check-doc
