import { bindingCommands, type RbacList } from './app/print-rbac.ts';

/** The roles as YAML for `kubectl apply`, the commands that bind them above as a comment. */
export async function rolesAsYaml(roles: RbacList): Promise<string> {
  const { writeYaml } = await import('./adapters/yaml/write.ts');
  const comment = [
    'The least that meshwise needs to read this cluster: get and list, and no Secret.',
    'Give it to the ServiceAccount that meshwise runs as:',
    ...bindingCommands(roles).map((command) => `  ${command}`),
    'Where Istio runs in revisions of other names, add them: --revision NAME',
  ].join('\n');
  return roles.items.map((item, index) => writeYaml(item, index === 0 ? comment : undefined)).join('---\n');
}
