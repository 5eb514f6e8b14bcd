pub mod key_index;
