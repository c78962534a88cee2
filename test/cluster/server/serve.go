package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

// auditPolicy notes who asked for what, never with bodies.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
`

// serve runs etcd and kube-apiserver. Started again on the same directory it goes on with the same data,
// certificates and tokens, as a control plane does that was restarted.
func serve(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	dir := flags.String("dir", "", "directory for data, certificates, audit log and kubeconfig")
	port := flags.Int("port", 0, "port of the API server on 127.0.0.1")
	etcdPort := flags.Int("etcd-port", 0, "port of etcd for clients")
	peerPort := flags.Int("peer-port", 0, "port of etcd for peers")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" || *port == 0 || *etcdPort == 0 || *peerPort == 0 {
		return fmt.Errorf("serve needs -dir, -port, -etcd-port and -peer-port")
	}
	if err := writeCredentials(*dir, *port); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(*dir, "audit-policy.yaml"), []byte(auditPolicy), 0o600); err != nil {
		return err
	}
	etcd, err := startEtcd(filepath.Join(*dir, "etcd"), *etcdPort, *peerPort)
	if err != nil {
		return fmt.Errorf("etcd did not start: %w", err)
	}
	defer etcd.Close()
	command := app.NewAPIServerCommand()
	command.SetArgs(apiServerArgs(*dir, *port, *etcdPort))
	if code := cli.Run(command); code != 0 {
		return fmt.Errorf("kube-apiserver ended with %d", code)
	}
	return nil
}

func startEtcd(dir string, clientPort, peerPort int) (*embed.Etcd, error) {
	client := []url.URL{loopback("http", clientPort)}
	peer := []url.URL{loopback("http", peerPort)}
	config := embed.NewConfig()
	config.Dir = dir
	config.ListenClientUrls, config.AdvertiseClientUrls = client, client
	config.ListenPeerUrls, config.AdvertisePeerUrls = peer, peer
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.LogLevel = "error"
	// Nobody's data: a test does not wait for the disk.
	config.UnsafeNoFsync = true
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	<-etcd.Server.ReadyNotify()
	return etcd, nil
}

func loopback(scheme string, port int) url.URL {
	return url.URL{Scheme: scheme, Host: fmt.Sprintf("127.0.0.1:%d", port)}
}

func apiServerArgs(dir string, port, etcdPort int) []string {
	file := func(name string) string { return filepath.Join(dir, name) }
	etcd := loopback("http", etcdPort)
	return []string{
		"--etcd-servers=" + etcd.String(),
		"--bind-address=127.0.0.1",
		"--advertise-address=192.0.2.1",
		"--endpoint-reconciler-type=none",
		fmt.Sprintf("--secure-port=%d", port),
		"--tls-cert-file=" + file("server.crt"),
		"--tls-private-key-file=" + file("server.key"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + file("service-account.key"),
		"--service-account-key-file=" + file("service-account.key"),
		"--token-auth-file=" + file("tokens.csv"),
		"--service-cluster-ip-range=172.16.0.0/12",
		"--authorization-mode=RBAC",
		"--allow-privileged=true",
		"--audit-policy-file=" + file("audit-policy.yaml"),
		"--audit-log-path=" + file("audit.log"),
		"--audit-log-maxsize=1000",
		// Else the pages of a list come from memory, and compaction makes none of them expire.
		"--feature-gates=ListFromCacheSnapshot=false",
		"--profiling=false",
		"--v=0",
	}
}
