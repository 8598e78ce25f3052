"""Recurrent networks on stock `nn.RNN`, `nn.GRU` and `nn.LSTM`."""
