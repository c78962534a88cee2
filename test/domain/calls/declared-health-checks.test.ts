import { describe, expect, it } from 'vitest';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import { service, worldOf, workload } from './world-of.ts';

const PAY =
  workload(
    'shop/Deployment/pay',
    'ports: [{containerPort: 9000, name: web}], readinessProbe: {httpGet: {port: web, path: /ready}}',
  ) + service('shop/pay', '{port: 80, targetPort: web, nodePort: 31000}');

function ingress(className: string, annotations = ''): string {
  return `---\n{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: in, namespace: shop, annotations: {${annotations}}}, spec: {ingressClassName: ${className}, defaultBackend: {service: {name: pay, port: {number: 80}}}}}\n`;
}

function checks(yaml: string): readonly string[] {
  return buildCallGraph(worldOf(yaml), [])
    .calls.map(({ id }) => id)
    .filter((id) => id.startsWith('load-balancer[health check]->'))
    .map((id) => id.replace('load-balancer[health check]->', ''));
}

function balanced(annotations: string, ports = '{port: 80, targetPort: web, nodePort: 31000}', more = ''): string {
  const plain = service('shop/lb', ports, `type: LoadBalancer${more}`).replace(
    'selector: {app: lb}',
    'selector: {app: pay}',
  );
  return plain.replace('labels: {app: lb}', `annotations: {${annotations}}`);
}

describe('health checks behind an Ingress', () => {
  it('of an ALB ask for / at the port of the traffic', () => {
    expect(checks(PAY + ingress('alb'))).toEqual(['shop/Service/pay:80#GET /']);
  });

  it('of an ALB follow annotations for path, and for a port of the pods or of the node', () => {
    const annotated = (text: string): readonly string[] =>
      checks(PAY + ingress('alb', `alb.ingress.kubernetes.io/healthcheck-${text}`));
    expect(annotated('path: /healthz')).toEqual(['shop/Service/pay:80#GET /healthz']);
    expect(annotated('port: "15021"')).toEqual(['shop/Deployment/pay:15021#GET /']);
    expect(annotated('port: "31000"')).toEqual(['shop/Service/pay:80#GET /']);
  });

  it('of GKE ask what the readiness probe asks, and nobody knows what where a BackendConfig says it', () => {
    expect(checks(PAY + ingress('gce'))).toEqual(['shop/Service/pay:80#GET /ready']);
    const configured = PAY.replace(
      'labels: {app: pay}}, spec: {selector',
      'annotations: {cloud.google.com/backend-config: x}}, spec: {selector',
    );
    expect(checks(configured + ingress('gce'))).toEqual(['shop/Service/pay:80']);
  });

  it('are not made up for controllers in the cluster', () => {
    expect(checks(PAY + ingress('nginx'))).toEqual([]);
  });
});

describe('health checks of a Service of type LoadBalancer', () => {
  const aws = (text: string): string => `service.beta.kubernetes.io/aws-load-balancer-${text}`;

  it('on AWS follow annotations', () => {
    expect(checks(PAY + balanced(aws('healthcheck-path: /up')))).toEqual(['shop/Service/lb:80#GET /up']);
    expect(checks(PAY + balanced(aws('healthcheck-protocol: tcp')))).toEqual([]);
    const ip = `${aws('healthcheck-port: "9001"')}, ${aws('nlb-target-type: ip')}`;
    expect(checks(PAY + balanced(ip))).toEqual(['shop/Deployment/pay:9001']);
    expect(checks(PAY + balanced(aws('healthcheck-port: "10256"')))).toEqual([]);
  });

  it('ask the node and no pod where traffic stays on its node', () => {
    const local = ', externalTrafficPolicy: Local, healthCheckNodePort: 32000';
    expect(checks(PAY + balanced(aws('healthcheck-path: /up'), undefined, local))).toEqual([]);
  });

  it('on Azure follow annotations, and the appProtocol of a port', () => {
    const azure = 'service.beta.kubernetes.io/azure-load-balancer-health-probe-request-path: /up';
    const http = '{port: 80, targetPort: web, appProtocol: http}';
    expect(checks(PAY + balanced(azure, http))).toEqual(['shop/Service/lb:80#GET /up']);
    const node =
      '---\n{apiVersion: v1, kind: Node, metadata: {name: n}, spec: {providerID: "azure:///subscriptions/x"}}\n';
    expect(checks(PAY + balanced('', http))).toEqual([]);
    expect(checks(PAY + balanced('', http) + node)).toEqual(['shop/Service/lb:80#GET /']);
  });
});
