/** Variables of a mesh's own containers, and of `proxyMetadata`, that are facts about the mesh. */
const MESH_SETTING =
  /^(ISTIO_|PILOT_|ENABLE_|DISABLE_ENVOY$|LINKERD2_PROXY_|CLUSTER_ID$|TRUST_DOMAIN$|REVISION$|POD_|CA_ADDR$|XDS_|AMBIENT_|EXTERNAL_ISTIOD$|VALIDATION_|INJECT|UNSAFE_|CNI_|GOMAXPROCS$|GOMEMLIMIT$|ZTUNNEL_|L7_|IPV6_)/;
const SECRET_SETTING = /PASSW|SECRET|TOKEN$|PRIVATE|CREDENTIAL|ANNOTATIONS$/;

/** Whether a variable of that name is a setting of a mesh whose value may be kept. */
export function isMeshSetting(name: string): boolean {
  return MESH_SETTING.test(name) && !SECRET_SETTING.test(name);
}
