import { describe, expect, test } from 'vitest';
import { hasCredentials, withoutCredentials } from '../../src/lib/repository-url.ts';

describe('the address of a repository', () => {
  test.each([
    ['https://ana:secret@git.example/shop.git', 'https://git.example/shop.git'],
    ['https://ghp_token@github.com/shop/rollout', 'https://github.com/shop/rollout'],
    ['https://git.example/shop.git?private_token=secret', 'https://git.example/shop.git'],
    ['https://ana:secret@git.example/shop.git?token=secret#x', 'https://git.example/shop.git'],
    ['HTTP://ana:@git.example/x', 'HTTP://git.example/x'],
    ['ssh://git:secret@git.example/shop.git', 'ssh://git@git.example/shop.git'],
  ])('%s carries a secret, which is taken out of it', (url, bare) => {
    expect(hasCredentials(url)).toBe(true);
    expect(withoutCredentials(url)).toBe(bare);
    expect(hasCredentials(bare)).toBe(false);
  });

  test.each([
    'https://git.example/shop.git',
    'ssh://git@git.example/shop.git',
    'git@git.example:shop.git',
    'https://git.example/a@b/c:d@e',
    'ssh://git.example:2222/shop@v1',
  ])('%s carries none, and stays as it is', (url) => {
    expect(hasCredentials(url)).toBe(false);
    expect(withoutCredentials(url)).toBe(url);
  });
});
