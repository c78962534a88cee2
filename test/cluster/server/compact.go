package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"k8s.io/apiserver/pkg/storage/etcd3"
)

// compact drops every revision before the newest one, by the procedure of kube-apiserver's own compactor, so that the
// API server learns of it and lists begun earlier expire.
func compact(args []string) error {
	flags := flag.NewFlagSet("compact", flag.ContinueOnError)
	port := flags.Int("etcd-port", 0, "port of etcd for clients")
	if err := flags.Parse(args); err != nil {
		return err
	}
	address := loopback("http", *port)
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{address.String()}, DialTimeout: 5 * time.Second})
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	// Where nobody has compacted yet this begins the count; else it fails and tells how far the count is.
	version, newest, _, err := etcd3.Compact(ctx, client, 0, 0)
	if err != nil {
		return err
	}
	if _, _, _, err = etcd3.Compact(ctx, client, version, newest); err != nil {
		return err
	}
	fmt.Println(newest)
	return nil
}
