import { describeFileStorage } from '../../../core/testing/conformance/index.ts';
import { MemoryStorage } from './memory-storage.ts';

describeFileStorage('memory', { open: () => new MemoryStorage() });
