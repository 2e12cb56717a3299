"""A certificate authority for tests, on the openssl program: issuers, certificates of servers and clients, expired ones,
and lists of revoked ones. All keys are thrown away with the test's folder.
"""
import os
import subprocess

CONFIG = """
[ca]
default_ca = this
[this]
dir = {folder}
database = {folder}/index.txt
new_certs_dir = {folder}
serial = {folder}/serial
crlnumber = {folder}/crlnumber
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
default_days = 30
default_crl_days = 30
unique_subject = no
policy = any
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
"""


def openssl(*args):
    done = subprocess.run(["openssl", *args], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"openssl {' '.join(args)}: {done.stderr}")
    return done.stdout


class Authority:
    """An issuer with a folder of its own; file names are absolute."""

    def __init__(self, folder, name="test authority"):
        self.folder = folder
        os.makedirs(folder)
        for file, text in (("index.txt", ""), ("serial", "1000\n"), ("crlnumber", "01\n"),
                           ("ca.cnf", CONFIG.format(folder=folder))):
            with open(self.path(file), "w", encoding="ascii") as f:
                f.write(text)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-days", "30", "-keyout", self.path("ca.key"), "-out", self.path("ca.pem"),
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.certificate = self.path("ca.pem")

    def path(self, name):
        return os.path.join(self.folder, name)

    def issue(self, name, san=None, usage=None, expired=False):
        """A certificate and its key: (certificate file, key file). The common name is the name."""
        key, request, certificate = (self.path(f"{name}.{kind}") for kind in ("key", "csr", "pem"))
        more = []
        if san:
            more += ["-addext", f"subjectAltName={san}"]
        if usage:
            more += ["-addext", f"extendedKeyUsage={usage}"]
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", key, "-out", request, *more)
        times = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] if expired else []
        openssl("ca", "-batch", "-notext", "-config", self.path("ca.cnf"), "-in", request, "-out", certificate, *times)
        return certificate, key

    def revoke(self, certificate):
        openssl("ca", "-config", self.path("ca.cnf"), "-revoke", certificate)

    def revocations(self, name="crl.pem", expired=False):
        """Writes the list of what is revoked by now; its file."""
        times = ["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200201000000Z"] if expired else []
        openssl("ca", "-gencrl", "-config", self.path("ca.cnf"), "-out", self.path(name), *times)
        return self.path(name)


def fingerprint(certificate):
    """SHA-256 as openssl prints it: AA:BB:…"""
    return openssl("x509", "-in", certificate, "-noout", "-fingerprint", "-sha256").strip().split("=")[1]
