import { test } from 'vitest';
import '../../config/pipeline-library.ts';
test('x', () => {});
