# Who may do what, and who is kept out.
dist_check_SCRIPTS += tests/e2e/test_certificates.py tests/e2e/test_bgp_protection.py tests/e2e/test_netconf_tls.py tests/e2e/test_profile.py tests/e2e/test_openapi.py \
	tests/e2e/test_abuse.py tests/e2e/test_secrets.py
EXTRA_DIST += tests/e2e/pki.py tests/e2e/tls_front.py
